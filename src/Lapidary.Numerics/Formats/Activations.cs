using System.Runtime.CompilerServices;
using Lapidary.Numerics.Simd;

namespace Lapidary.Numerics.Formats;

/// <summary>
/// A vector of activations in the form that a fast matrix-vector product wants, over memory of the caller's
/// (<see cref="BytesFor"/> says how much).
/// </summary>
public readonly unsafe struct Activations
{
    private Activations(ActivationLayout layout, int length, float* values, sbyte* quants, float* scales, short* sums, float* floatSums)
    {
        Layout = layout;
        Length = length;
        Values = values;
        Quants = quants;
        Scales = scales;
        Sums = sums;
        FloatSums = floatSums;
    }

    /// <summary>The form of the vector.</summary>
    public ActivationLayout Layout { get; }

    /// <summary>Number of elements.</summary>
    public int Length { get; }

    /// <summary>The numbers, for <see cref="ActivationLayout.Float"/> and <see cref="ActivationLayout.EvenOdd"/>.</summary>
    public float* Values { get; }

    /// <summary>round(x / scale), between -127 and 127, for the byte layouts.</summary>
    public sbyte* Quants { get; }

    /// <summary>One scale per block of 32 or 256: the largest magnitude of the block divided by 127.</summary>
    public float* Scales { get; }

    /// <summary>Sums of the quants: one per 32 for <see cref="ActivationLayout.Byte32"/>, one per 16 for <see cref="ActivationLayout.Byte256"/>.</summary>
    public short* Sums { get; }

    /// <summary>For <see cref="ActivationLayout.Byte32"/>, the sums once more as float32: what a minimum of the weights is multiplied by.</summary>
    public float* FloatSums { get; }

    /// <summary>Bytes of memory that <see cref="Prepare"/> needs, a multiple of 64.</summary>
    public static long BytesFor(ActivationLayout layout, int length) => layout switch
    {
        ActivationLayout.Float => 0,
        ActivationLayout.EvenOdd => Align(length * 4L),
        _ => Align(length) + Align(BlocksOf(layout, length) * 4L) + Align(SumsOf(layout, length) * 2L)
            + (layout == ActivationLayout.Byte32 ? Align(BlocksOf(layout, length) * 4L) : 0),
    };

    /// <summary>
    /// Puts <paramref name="x"/> into a layout. <paramref name="memory"/> must hold <see cref="BytesFor"/> bytes and, like x, outlive
    /// the result.
    /// </summary>
    /// <exception cref="ArgumentException">The length is not a whole number of the layout's blocks.</exception>
    public static Activations Prepare(ActivationLayout layout, float* x, int length, byte* memory)
    {
        switch (layout)
        {
            case ActivationLayout.Float:
                return new Activations(layout, length, x, null, null, null, null);
            case ActivationLayout.EvenOdd:
                SeparateEvenAndOdd(x, (float*)memory, length);
                return new Activations(layout, length, (float*)memory, null, null, null, null);
            default:
                int blockLength = layout == ActivationLayout.Byte32 ? 32 : 256;
                if (length % blockLength != 0)
                {
                    throw new ArgumentException($"A vector of {length} elements is not a whole number of blocks of {blockLength}.", nameof(length));
                }

                var quants = (sbyte*)memory;
                var scales = (float*)(memory + Align(length));
                var sums = (short*)((byte*)scales + Align(BlocksOf(layout, length) * 4L));
                float* floatSums = layout == ActivationLayout.Byte32
                    ? (float*)((byte*)sums + Align(SumsOf(layout, length) * 2L))
                    : null;
                var result = new Activations(layout, length, null, quants, scales, sums, floatSums);
                var kernel = new QuantizeKernel
                {
                    X = x, Target = result, BlockLength = blockLength, SumLength = layout == ActivationLayout.Byte32 ? 32 : 16,
                };
                VectorDispatch.RunBytes(ref kernel);
                return result;
        }
    }

    private static long Align(long bytes) => (bytes + 63) & ~63L;

    private static int BlocksOf(ActivationLayout layout, int length) => layout == ActivationLayout.Byte32 ? length / 32 : length / 256;

    private static int SumsOf(ActivationLayout layout, int length) => layout == ActivationLayout.Byte32 ? length / 32 : length / 16;

    private static void SeparateEvenAndOdd(float* x, float* destination, int length)
    {
        var kernel = new EvenOddKernel { X = x, Destination = destination, Length = length };
        VectorDispatch.RunBytes(ref kernel);
    }

    private struct EvenOddKernel : IByteKernel
    {
        public float* X;
        public float* Destination;
        public int Length;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<V, B, TIsa>()
            where V : struct
            where B : struct
            where TIsa : struct, IByteIsa<V, B>
        {
            int i = 0;
            for (; i + (2 * TIsa.Width) <= Length; i += 2 * TIsa.Width)
            {
                TIsa.Deinterleave(TIsa.Load(X + i), TIsa.Load(X + i + TIsa.Width), out V even, out V odd);
                TIsa.Store(Destination + i, even);
                TIsa.Store(Destination + i + TIsa.Width, odd);
            }

            // What does not fill a group stays in order; the product finishes it with scalar code.
            for (; i < Length; i++)
            {
                Destination[i] = X[i];
            }
        }
    }

    private struct QuantizeKernel : IByteKernel
    {
        public float* X;
        public Activations Target;
        public int BlockLength;
        public int SumLength;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<V, B, TIsa>()
            where V : struct
            where B : struct
            where TIsa : struct, IByteIsa<V, B>
        {
            for (int block = 0; block < Target.Length / BlockLength; block++)
            {
                float* source = X + (block * BlockLength);
                float inverse = InverseScale<V, B, TIsa>(source, out float scale);
                Target.Scales[block] = scale;
                for (int start = 0; start < BlockLength; start += SumLength)
                {
                    int first = (block * BlockLength) + start;
                    int sum = inverse == 0
                        ? Clear(Target.Quants + first)
                        : Quantize<V, B, TIsa>(source + start, Target.Quants + first, inverse);
                    Target.Sums[first / SumLength] = (short)sum;
                }

                if (Target.FloatSums is not null)
                {
                    Target.FloatSums[block] = Target.Sums[block];
                }
            }
        }

        // 127 / largest magnitude, and its inverse, the scale. No quants but zeros will do, and 0 is returned, if all numbers are zero or
        // one is not finite: then the scale is NaN, and so is every product with the vector.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly float InverseScale<V, B, TIsa>(float* source, out float scale)
            where V : struct
            where B : struct
            where TIsa : struct, IByteIsa<V, B>
        {
            V largest = TIsa.Zero, probe = TIsa.Zero;
            for (int i = 0; i < BlockLength; i += TIsa.Width)
            {
                V x = TIsa.Load(source + i);
                largest = TIsa.Max(largest, TIsa.Max(x, TIsa.Subtract(TIsa.Zero, x)));
                // Zero times a number is NaN for an infinity and NaN. (What a maximum makes of NaN differs between instruction sets.)
                probe = TIsa.MultiplyAdd(x, TIsa.Zero, probe);
            }

            if (float.IsNaN(TIsa.Sum(probe)))
            {
                scale = float.NaN;
                return 0;
            }

            float magnitude = TIsa.MaxElement(largest);
            if (magnitude == 0)
            {
                scale = 0;
                return 0;
            }

            // The quotient of the smallest numbers is infinite: the largest float in its place makes their quants zeros.
            scale = magnitude / 127f;
            return MathF.Min(127f / magnitude, float.MaxValue);
        }

        private readonly int Clear(sbyte* quants)
        {
            new Span<sbyte>(quants, SumLength).Clear();
            return 0;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly int Quantize<V, B, TIsa>(float* source, sbyte* quants, float inverse)
            where V : struct
            where B : struct
            where TIsa : struct, IByteIsa<V, B>
        {
            V factor = TIsa.Create(inverse);
            V sums = TIsa.Zero;
            for (int i = 0; i < SumLength; i += TIsa.Width)
            {
                V rounded = TIsa.Round(TIsa.Multiply(TIsa.Load(source + i), factor));
                TIsa.StoreSByte(quants + i, rounded);
                sums = TIsa.Add(sums, rounded);
            }

            return (int)TIsa.Sum(sums);
        }
    }
}
