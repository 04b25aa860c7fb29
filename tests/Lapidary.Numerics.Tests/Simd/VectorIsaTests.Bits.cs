using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Simd;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Numerics.Tests.Simd;

/// <content>Words of 32 bits, a look into numbers, and the logarithm that is made of it.</content>
public unsafe partial class VectorIsaTests
{
    private static readonly uint[] LeftWords =
        [0, 1, 0xffffffff, 0x80000000, 0x7fffffff, 0x12345678, 0xdeadbeef, 2, 0xffff, 0x10000, 0xd2511f53, 3, 0xfffffffe, 5, 0x80000001, 7];

    private static readonly uint[] RightWords =
        [9, 0xffffffff, 0xffffffff, 0x80000000, 2, 0x9abcdef0, 0xcd9e8d57, 2, 0x10001, 0xffff, 0xbb67ae85, 4, 1, 0xfffffff0, 0x7fffffff, 7];

    private static readonly float[] Positive =
        [1, 1.5f, 2, 3.99f, 0.5f, 0.75f, 1e-30f, 1e30f, 1.17549435e-38f, 1.9999999f, 10, 100, 0.1f, 7e-5f, 123456, 8388608];

    private static readonly float[] Signed =
        [-1.5f, 1.5f, -0.5f, 0.5f, 2, -2, 0, 8388607.5f, -1e-20f, 1e-20f, 15.999f, -15.999f, 99.5f, -99.5f, 1e30f, -1e30f];

    public static TheoryData<string> WordOperations =>
        ["CreateBits", "AndBits", "XorBits", "AddBits", "MultiplyLow", "MultiplyHigh", "WhereAtLeast", "Sqrt", "Floor", "Exponent"];

    [Theory]
    [MemberData(nameof(WordOperations))]
    public void An_operation_on_words_is_the_operation_on_each_word(string operation)
    {
        var kernel = new WordKernel { Operation = operation, Result = new uint[16] };
        VectorDispatch.Run(ref kernel);
        for (int i = 0; i < VectorDispatch.Width; i++)
        {
            uint left = LeftWords[i], right = RightWords[i];
            int exponent = (int)(BitConverter.SingleToUInt32Bits(Positive[i]) >> 23) - 127;
            uint expected = operation switch
            {
                "CreateBits" => 0x89abcdef,
                "AndBits" => left & right,
                "XorBits" => left ^ right,
                "AddBits" => left + right,
                "MultiplyLow" => left * right,
                "MultiplyHigh" => (uint)(((ulong)left * right) >> 32),
                "WhereAtLeast" => left >= right ? BitConverter.SingleToUInt32Bits(Positive[i]) : 0,
                "Sqrt" => BitConverter.SingleToUInt32Bits(MathF.Sqrt(Positive[i])),
                "Floor" => BitConverter.SingleToUInt32Bits(MathF.Floor(Signed[i])),
                _ => BitConverter.SingleToUInt32Bits(exponent),
            };
            kernel.Result[i].ShouldBe(expected, $"{operation}, element {i}");
        }
    }

    [Fact]
    public void Upper_halves_are_stored_in_order_and_nothing_behind_them()
    {
        var kernel = new UpperHalvesKernel { Result = new ushort[32] };
        VectorDispatch.Run(ref kernel);
        for (int i = 0; i < 32; i++)
        {
            kernel.Result[i].ShouldBe(i < VectorDispatch.Width ? (ushort)(LeftWords[i] >> 16) : (ushort)0, $"element {i}");
        }
    }

    [Fact]
    public void The_logarithm_is_right_to_a_few_units_in_the_last_place()
    {
        var random = new Random(1);
        var inputs = new List<float>();
        for (int exponent = -125; exponent < 126; exponent++)
        {
            inputs.Add(MathF.ScaleB(1, exponent));
            for (int i = 0; i < 63; i++)
            {
                inputs.Add(MathF.ScaleB(1 + random.NextSingle(), exponent));
            }
        }

        for (int i = 1; i <= 64; i++)
        {
            inputs.Add(1 + (i * 1.1920929e-7f));
        }

        var kernel = new LogKernel { Input = [.. inputs], Result = new float[inputs.Count] };
        VectorDispatch.Run(ref kernel);
        for (int i = 0; i < inputs.Count; i++)
        {
            double expected = Math.Log(inputs[i]);
            Math.Abs(kernel.Result[i] - expected).ShouldBeAtMost(2e-7 * Math.Abs(expected), $"ln {inputs[i]:r}");
        }
    }

    private struct WordKernel : IVectorKernel
    {
        public string Operation;
        public uint[] Result;

        public readonly void Run<V, TIsa>()
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            fixed (uint* l = LeftWords, r = RightWords, result = Result)
            fixed (float* p = Positive, s = Signed)
            {
                V left = TIsa.Load((float*)l), right = TIsa.Load((float*)r), positive = TIsa.Load(p);
                TIsa.MultiplyBits(left, right, out V low, out V high);
                TIsa.Store((float*)result, Operation switch
                {
                    "CreateBits" => TIsa.CreateBits(0x89abcdef),
                    "AndBits" => TIsa.AndBits(left, right),
                    "XorBits" => TIsa.XorBits(left, right),
                    "AddBits" => TIsa.AddBits(left, right),
                    "MultiplyLow" => low,
                    "MultiplyHigh" => high,
                    "WhereAtLeast" => TIsa.WhereAtLeast(left, right, positive),
                    "Sqrt" => TIsa.Sqrt(positive),
                    "Floor" => TIsa.Floor(TIsa.Load(s)),
                    _ => TIsa.Exponent(positive),
                });
            }
        }
    }

    private struct UpperHalvesKernel : IVectorKernel
    {
        public ushort[] Result;

        public readonly void Run<V, TIsa>()
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            fixed (uint* left = LeftWords)
            fixed (ushort* result = Result)
            {
                TIsa.StoreUpperHalves(result, TIsa.Load((float*)left));
            }
        }
    }

    private struct LogKernel : IVectorKernel
    {
        public float[] Input;
        public float[] Result;

        public readonly void Run<V, TIsa>()
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            fixed (float* input = Input, result = Result)
            {
                for (int i = 0; i + TIsa.Width <= Input.Length; i += TIsa.Width)
                {
                    TIsa.Store(result + i, VectorMath.Log<V, TIsa>(TIsa.Load(input + i)));
                }
            }
        }
    }
}
