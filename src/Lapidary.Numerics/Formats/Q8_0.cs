using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Lapidary.Numerics.Formats.Encoding;
using Lapidary.Numerics.Simd;

namespace Lapidary.Numerics.Formats;

/// <summary>Q8_0: blocks of 32 signed bytes q with a half scale d; a number is d * q.</summary>
public readonly unsafe struct Q8_0Format : IWeightFormat
{
    /// <inheritdoc/>
    public static ElementType Type => ElementType.Q8_0;

    /// <inheritdoc/>
    public static int BlockLength => 32;

    /// <inheritdoc/>
    public static int BlockBytes => sizeof(Block);

    /// <inheritdoc/>
    public static ActivationLayout Activations => ActivationLayout.Byte32;

    /// <inheritdoc/>
    public static void Decode(byte* source, float* destination, int count) => BlockOf32<Block>.Decode(source, destination, count);

    /// <inheritdoc/>
    public static void DecodeReference(ReadOnlySpan<byte> source, Span<float> destination) =>
        BlockOf32<Block>.DecodeReference(source, destination);

    /// <inheritdoc/>
    public static void Encode(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, Span<byte> blocks)
    {
        EncodeArguments.Check<Q8_0Format>(values.Length, importance.Length, blocks.Length);
        fixed (float* source = values)
        fixed (byte* destination = blocks)
        {
            var kernel = new EncodeKernel { Source = source, Destination = (Block*)destination, Count = values.Length };
            VectorDispatch.RunBytes(ref kernel);
        }
    }

    /// <inheritdoc/>
    public static void EncodeReference(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, Span<byte> blocks)
    {
        EncodeArguments.Check<Q8_0Format>(values.Length, importance.Length, blocks.Length);
        fixed (byte* start = blocks)
        {
            for (int b = 0; b < values.Length / BlockLength; b++)
            {
                ReadOnlySpan<float> x = values.Slice(b * BlockLength, BlockLength);
                (float inverse, ((Block*)start)[b].Scale) = ScaleOf(MathF.Abs(ScaleSearch.Extreme(x)));
                for (int i = 0; i < BlockLength; i++)
                {
                    ((Block*)start)[b].Quant[i] = (sbyte)MathF.Round(x[i] * inverse, MidpointRounding.AwayFromZero);
                }
            }
        }
    }

    /// <inheritdoc/>
    public static void MultiplyRows(byte* rows, nint rowBytes, int rowCount, in Activations x, float* y) =>
        BlockOf32<Block>.MultiplyRows(rows, rowBytes, rowCount, in x, y);

    /// <inheritdoc/>
    public static double MultiplyReference(ReadOnlySpan<byte> row, in Activations x) =>
        BlockOf32<Block>.MultiplyReference(row, in x);

    // d is the largest magnitude divided by 127; where that is so small that 1 / d is no float, all quants are 0, like the stored scale.
    private static (float Inverse, Half Scale) ScaleOf(float largest)
    {
        float scale = largest / 127;
        float inverse = scale == 0 ? 0 : 1 / scale;
        return (float.IsFinite(inverse) ? inverse : 0, BitConverter.UInt16BitsToHalf(HalfRounding.Of(scale)));
    }

    private struct EncodeKernel : IByteKernel
    {
        // The float before 1/2: a magnitude just below a half is not rounded up by it, and a half is.
        private const float AlmostHalf = 0.49999997f;

        public float* Source;
        public Block* Destination;
        public int Count;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<V, B, TIsa>()
            where V : struct
            where B : struct
            where TIsa : struct, IByteIsa<V, B>
        {
            V magnitude = TIsa.CreateBits(0x7fffffff), sign = TIsa.CreateBits(0x80000000), half = TIsa.Create(AlmostHalf);
            Block* block = Destination;
            for (float* x = Source; x < Source + Count; x += BlockLength, block++)
            {
                V largest = TIsa.Zero;
                for (int i = 0; i < BlockLength; i += TIsa.Width)
                {
                    largest = TIsa.Max(largest, TIsa.AndBits(TIsa.Load(x + i), magnitude));
                }

                (float inverse, block->Scale) = ScaleOf(TIsa.MaxElement(largest));
                for (int i = 0; i < BlockLength; i += TIsa.Width)
                {
                    // Halves go away from zero, as roundf has it.
                    V scaled = TIsa.Multiply(TIsa.Load(x + i), TIsa.Create(inverse));
                    V size = TIsa.Floor(TIsa.Add(TIsa.AndBits(scaled, magnitude), half));
                    TIsa.StoreSByte(block->Quant + i, TIsa.XorBits(size, TIsa.AndBits(scaled, sign)));
                }
            }
        }
    }

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct Block : IBlockOf32
    {
        public Half Scale;
        public fixed sbyte Quant[32];

        public static bool HasMinimum => false;

        public static bool IsSigned => true;

        public static byte Offset => 0;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static B Quants<V, B, TIsa>(byte* block)
            where V : struct
            where B : struct
            where TIsa : struct, IByteIsa<V, B>
            => TIsa.LoadBytes((byte*)((Block*)block)->Quant);

        public static int QuantReference(byte* block, int index)
            => ((Block*)block)->Quant[index];
    }
}
