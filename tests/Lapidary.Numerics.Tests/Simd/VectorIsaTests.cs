using Lapidary.Numerics.Formats;
using Lapidary.Numerics.Simd;
using Shouldly;
using Xunit;

namespace Lapidary.Numerics.Tests.Simd;

/// <summary>Every operation of the instruction set in use, element by element against scalar code.</summary>
public unsafe partial class VectorIsaTests
{
    private static readonly float[] Left = [.. RandomData.Floats(16, seed: 1, scale: 40)];
    private static readonly float[] Right = [.. RandomData.Floats(16, seed: 2, scale: 3)];
    private static readonly float[] Exponents = [-126, -100, -64, -17, -3, -2, -1, 0, 1, 2, 3, 5, 17, 64, 100, 127];

    public static TheoryData<string> Operations =>
        ["Add", "Subtract", "Multiply", "Divide", "MultiplyAdd", "Max", "Min", "Round", "ScaleByPowerOfTwo"];

    [Theory]
    [MemberData(nameof(Operations))]
    public void An_operation_on_vectors_is_the_operation_on_each_element(string operation)
    {
        var kernel = new ElementKernel { Operation = operation, Result = new float[16] };
        VectorDispatch.Run(ref kernel);
        for (int i = 0; i < VectorDispatch.Width; i++)
        {
            float fused = MathF.FusedMultiplyAdd(Left[i], Right[i], Exponents[i]);
            float[] allowed = operation switch
            {
                "Add" => [Left[i] + Right[i]],
                "Subtract" => [Left[i] - Right[i]],
                "Multiply" => [Left[i] * Right[i]],
                "Divide" => [Left[i] / Right[i]],
                "MultiplyAdd" => [fused, (Left[i] * Right[i]) + Exponents[i]],
                "Max" => [MathF.Max(Left[i], Right[i])],
                "Min" => [MathF.Min(Left[i], Right[i])],
                "Round" => [MathF.Round(Left[i])],
                _ => [MathF.ScaleB(Right[i], (int)Exponents[i])],
            };
            allowed.ShouldContain(kernel.Result[i], $"{operation}, element {i}");
        }
    }

    [Fact]
    public void Rounding_goes_to_the_even_neighbour()
    {
        float[] halves = [0.5f, 1.5f, 2.5f, -0.5f, -1.5f, -2.5f, 3.5f, 4.5f, 0.49f, 0.51f, -7.5f, 8.5f, 100.5f, 101.5f, -3.5f, 9.5f];
        var kernel = new ElementKernel { Operation = "Round", Input = halves, Result = new float[16] };
        VectorDispatch.Run(ref kernel);
        kernel.Result.AsSpan(0, VectorDispatch.Width).ToArray()
            .ShouldBe(halves.Take(VectorDispatch.Width).Select(value => MathF.Round(value, MidpointRounding.ToEven)));
    }

    [Fact]
    public void Sums_and_maxima_go_over_all_elements()
    {
        var kernel = new ReductionKernel();
        VectorDispatch.Run(ref kernel);
        int width = VectorDispatch.Width;
        kernel.Sum.ShouldBe(Left.Take(width).Sum(), 1e-4f);
        kernel.Max.ShouldBe(Left.Take(width).Max());
        kernel.Zero.ShouldBe(0);
    }

    [Fact]
    public void Every_binary16_and_bfloat16_widens_exactly()
    {
        var kernel = new WidenKernel();
        VectorDispatch.Run(ref kernel);
        kernel.Wrong.ShouldBeEmpty();
    }

    [Fact]
    public void A_square_is_transposed()
    {
        var kernel = new TransposeKernel { Result = new float[16 * 21] };
        VectorDispatch.Run(ref kernel);
        int width = VectorDispatch.Width;
        for (int row = 0; row < width; row++)
        {
            for (int column = 0; column < width; column++)
            {
                kernel.Result[(column * 21) + row].ShouldBe((row * 19) + column, $"row {row}, column {column}");
            }
        }
    }

    private struct ElementKernel : IVectorKernel
    {
        public string Operation;
        public float[]? Input;
        public float[] Result;

        public readonly void Run<V, TIsa>()
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            fixed (float* l = Input ?? Left, r = Right, e = Exponents, result = Result)
            {
                V left = TIsa.Load(l), right = TIsa.Load(r), exponents = TIsa.Load(e);
                TIsa.Store(result, Operation switch
                {
                    "Add" => TIsa.Add(left, right),
                    "Subtract" => TIsa.Subtract(left, right),
                    "Multiply" => TIsa.Multiply(left, right),
                    "Divide" => TIsa.Divide(left, right),
                    "MultiplyAdd" => TIsa.MultiplyAdd(left, right, exponents),
                    "Max" => TIsa.Max(left, right),
                    "Min" => TIsa.Min(left, right),
                    "Round" => TIsa.Round(left),
                    _ => TIsa.ScaleByPowerOfTwo(right, exponents),
                });
            }
        }
    }

    private struct ReductionKernel : IVectorKernel
    {
        public float Sum;
        public float Max;
        public float Zero;

        public void Run<V, TIsa>()
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            fixed (float* left = Left)
            {
                Sum = TIsa.Sum(TIsa.Load(left));
                Max = TIsa.MaxElement(TIsa.Load(left));
                Zero = TIsa.Sum(TIsa.Zero);
            }
        }
    }

    private struct WidenKernel : IVectorKernel
    {
        public List<string> Wrong = [];

        public WidenKernel()
        {
        }

        public readonly void Run<V, TIsa>()
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            int width = TIsa.Width;
            ushort* bits = stackalloc ushort[32];
            float* numbers = stackalloc float[32];
            for (int start = 0; start < 65536; start += 2 * width)
            {
                for (int i = 0; i < 2 * width; i++)
                {
                    bits[i] = (ushort)(start + i);
                }

                TIsa.Store(numbers, TIsa.LoadHalf(bits));
                Compare("half", start, width, numbers, code => (float)BitConverter.UInt16BitsToHalf(code), 1, 0);
                TIsa.Store(numbers, TIsa.LoadBFloat16(bits));
                Compare("bfloat16", start, width, numbers, BF16Format.ToSingle, 1, 0);
                TIsa.LoadBFloat16EvenOdd(bits, out V even, out V odd);
                TIsa.Store(numbers, even);
                TIsa.Store(numbers + width, odd);
                Compare("even bfloat16", start, width, numbers, BF16Format.ToSingle, 2, 0);
                Compare("odd bfloat16", start, width, numbers + width, BF16Format.ToSingle, 2, 1);
                TIsa.LoadHalfEvenOdd(bits, out even, out odd);
                TIsa.Store(numbers, even);
                TIsa.Store(numbers + width, odd);
                Compare("even half", start, width, numbers, ScaledHalf, 2, 0);
                Compare("odd half", start, width, numbers + width, ScaledHalf, 2, 1);
            }

            sbyte* bytes = stackalloc sbyte[16];
            for (int start = -128; start < 128; start += width)
            {
                for (int i = 0; i < width; i++)
                {
                    bytes[i] = (sbyte)(start + i);
                }

                TIsa.Store(numbers, TIsa.LoadSByte(bytes));
                for (int i = 0; i < width; i++)
                {
                    if (numbers[i] != start + i)
                    {
                        Wrong.Add($"byte {start + i}: {numbers[i]}");
                    }
                }
            }
        }

        // Infinities and NaN are outside the contract of the pair of halves.
        private static float ScaledHalf(ushort code) =>
            (code & 0x7c00) == 0x7c00 ? float.NaN : MathF.ScaleB((float)BitConverter.UInt16BitsToHalf(code), -112);

        private readonly void Compare(string what, int start, int width, float* numbers, Func<ushort, float> expected, int step, int offset)
        {
            for (int i = 0; i < width; i++)
            {
                float wanted = expected((ushort)(start + (i * step) + offset));
                bool outside = what.EndsWith(" half", StringComparison.Ordinal) && float.IsNaN(wanted);
                bool same = float.IsNaN(wanted) ? float.IsNaN(numbers[i]) : numbers[i] == wanted;
                if (!same && !outside)
                {
                    Wrong.Add($"{what} {start + (i * step) + offset:x4}: {numbers[i]} for {wanted}");
                }
            }
        }
    }

    private struct TransposeKernel : IVectorKernel
    {
        public float[] Result;

        public readonly void Run<V, TIsa>()
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            float[] source = [.. Enumerable.Range(0, 16 * 19).Select(i => (float)i)];
            fixed (float* from = source, to = Result)
            {
                TIsa.Transpose(from, 19, to, 21);
            }
        }
    }
}
