using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Lapidary.Numerics.Formats.Encoding;
using Lapidary.Numerics.Simd;

namespace Lapidary.Numerics.Formats;

/// <summary>
/// Q2_K: super-blocks of 256 with half scales d and m. Group g of 16 has a byte with a 4-bit scale s in its lower and a 4-bit minimum t
/// in its upper half; a number is (d * s) * q - (m * t). Each half of 128 elements takes 32 bytes, whose bit pairs k hold the q of
/// elements 32 k to 32 k + 31.
/// </summary>
public readonly unsafe struct Q2_KFormat : IWeightFormat
{
    /// <inheritdoc/>
    public static ElementType Type => ElementType.Q2_K;

    /// <inheritdoc/>
    public static int BlockLength => 256;

    /// <inheritdoc/>
    public static int BlockBytes => sizeof(Block);

    /// <inheritdoc/>
    public static ActivationLayout Activations => ActivationLayout.Byte256;

    /// <inheritdoc/>
    public static void Decode(byte* source, float* destination, int count) => SuperBlock<Block>.Decode(source, destination, count);

    /// <inheritdoc/>
    public static void DecodeReference(ReadOnlySpan<byte> source, Span<float> destination) =>
        SuperBlock<Block>.DecodeReference(source, destination);

    /// <inheritdoc/>
    public static void Encode(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, Span<byte> blocks)
    {
        EncodeArguments.Check<Q2_KFormat>(values.Length, importance.Length, blocks.Length);
        RangeSuperBlockEncoder<Block>.Encode(values, importance, blocks);
    }

    /// <inheritdoc/>
    public static void EncodeReference(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, Span<byte> blocks)
    {
        EncodeArguments.Check<Q2_KFormat>(values.Length, importance.Length, blocks.Length);
        RangeSuperBlockEncoder<Block>.EncodeReference(values, importance, blocks);
    }

    /// <inheritdoc/>
    public static void MultiplyRows(byte* rows, nint rowBytes, int rowCount, in Activations x, float* y) =>
        SuperBlock<Block>.MultiplyRows(rows, rowBytes, rowCount, in x, y);

    /// <inheritdoc/>
    public static double MultiplyReference(ReadOnlySpan<byte> row, in Activations x) =>
        SuperBlock<Block>.MultiplyReference(row, in x);

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct Block : IRangeSuperBlock
    {
        public fixed byte GroupScales[16];
        public fixed byte Pairs[64];
        public Half Scale;
        public Half MinimumScale;

        public static int ScaleOffset => 80;

        public static int MinimumOffset => 82;

        public static byte OffsetPower => 0;

        public static int GroupLength => 16;

        public static int Largest => 3;

        public static int LargestScale => 15;

        public static WeightRule PlainWeights => WeightRule.Magnitude;

        public static RangeSteps PlainSteps => new(-0.5f, 0.1f, 15, IsAbsolute: true);

        public static float VarianceFactor => 1;

        public static void PackScales(byte* block, int* scales, int* minimums)
        {
            for (int group = 0; group < 16; group++)
            {
                ((Block*)block)->GroupScales[group] = (byte)(scales[group] | (minimums[group] << 4));
            }
        }

        public static void PackQuants(byte* block, byte* quants)
        {
            QuantPlanes.PackPairs(quants, 0, ((Block*)block)->Pairs);
            QuantPlanes.PackPairs(quants + 128, 0, ((Block*)block)->Pairs + 32);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static B Stored<V, B, TIsa>(byte* block, int part)
            where V : struct
            where B : struct
            where TIsa : struct, IByteIsa<V, B>
        {
            B pairs = TIsa.LoadBytes(((Block*)block)->Pairs + (32 * (part / 4)));
            return TIsa.BitAnd(TIsa.ShiftRight(pairs, (byte)(2 * (part % 4))), TIsa.CreateBytes(3));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Scales(byte* block, out Vector128<sbyte> scales, out Vector128<sbyte> minimums)
        {
            Vector128<byte> both = Vector128.Load(((Block*)block)->GroupScales);
            scales = (both & Vector128.Create((byte)15)).AsSByte();
            minimums = ((both.AsUInt16() >>> 4).AsByte() & Vector128.Create((byte)15)).AsSByte();
        }

        public static int StoredReference(byte* block, int index)
            => (((Block*)block)->Pairs[(32 * (index / 128)) + (index % 32)] >> (2 * (index % 128 / 32))) & 3;

        public static (int Scale, int Minimum) ScalesReference(byte* block, int group)
        {
            byte both = ((Block*)block)->GroupScales[group];
            return (both & 15, both >> 4);
        }
    }
}
