using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Lapidary.Numerics.Formats.Encoding;
using Lapidary.Numerics.Simd;

namespace Lapidary.Numerics.Formats;

/// <summary>
/// Q6_K: super-blocks of 256 with a half scale d. Group g of 16 has a signed byte s; a number is (d * s) * (q - 32). Each half of 128
/// elements takes 64 bytes for the lower four bits of q (elements 0 to 63 the lower halves, the others the upper ones) and 32 bytes whose
/// bit pairs k hold the upper two bits of elements 32 k to 32 k + 31.
/// </summary>
public readonly unsafe struct Q6_KFormat : IWeightFormat
{
    /// <inheritdoc/>
    public static ElementType Type => ElementType.Q6_K;

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
        EncodeArguments.Check<Q6_KFormat>(values.Length, importance.Length, blocks.Length);
        ScaleSuperBlockEncoder<Block>.Encode(values, importance, blocks);
    }

    /// <inheritdoc/>
    public static void EncodeReference(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, Span<byte> blocks)
    {
        EncodeArguments.Check<Q6_KFormat>(values.Length, importance.Length, blocks.Length);
        ScaleSuperBlockEncoder<Block>.EncodeReference(values, importance, blocks);
    }

    /// <inheritdoc/>
    public static void MultiplyRows(byte* rows, nint rowBytes, int rowCount, in Activations x, float* y) =>
        SuperBlock<Block>.MultiplyRows(rows, rowBytes, rowCount, in x, y);

    /// <inheritdoc/>
    public static double MultiplyReference(ReadOnlySpan<byte> row, in Activations x) =>
        SuperBlock<Block>.MultiplyReference(row, in x);

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct Block : IScaleSuperBlock
    {
        public fixed byte Nibbles[128];
        public fixed byte HighPairs[64];
        public fixed sbyte GroupScales[16];
        public Half Scale;

        public static int ScaleOffset => 208;

        public static int MinimumOffset => -1;

        public static byte OffsetPower => 5;

        public static int GroupLength => 16;

        public static int Largest => 63;

        public static bool DescendsWithoutImportance => false;

        public static WeightRule ImportanceWeights => WeightRule.Importance;

        public static void PackScales(byte* block, int* scales, int* minimums)
        {
            for (int group = 0; group < 16; group++)
            {
                ((Block*)block)->GroupScales[group] = (sbyte)scales[group];
            }
        }

        public static void PackQuants(byte* block, byte* quants)
        {
            for (int half = 0; half < 2; half++)
            {
                QuantPlanes.PackNibbles(quants + (128 * half), 64, ((Block*)block)->Nibbles + (64 * half), 64);
                QuantPlanes.PackPairs(quants + (128 * half), 4, ((Block*)block)->HighPairs + (32 * half));
            }
        }

        public static bool TryScale(float* scales, float* weightSums, int* integers, out float scale)
        {
            scale = Encoding.GroupScales.ByExtreme(scales, 128, integers);
            return MathF.Abs(ScaleSearch.Extreme(new ReadOnlySpan<float>(scales, 16))) >= ScaleSearch.Negligible;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static B Stored<V, B, TIsa>(byte* block, int part)
            where V : struct
            where B : struct
            where TIsa : struct, IByteIsa<V, B>
        {
            B nibbles = TIsa.LoadBytes(((Block*)block)->Nibbles + (64 * (part / 4)) + (32 * (part % 2)));
            B low = TIsa.BitAnd(part % 4 < 2 ? nibbles : TIsa.ShiftRight(nibbles, 4), TIsa.CreateBytes(15));
            B pairs = TIsa.LoadBytes(((Block*)block)->HighPairs + (32 * (part / 4)));
            int shift = 4 - (2 * (part % 4));
            B high = shift > 0 ? TIsa.ShiftLeft(pairs, (byte)shift) : TIsa.ShiftRight(pairs, (byte)-shift);
            return TIsa.BitOr(low, TIsa.BitAnd(high, TIsa.CreateBytes(48)));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Scales(byte* block, out Vector128<sbyte> scales, out Vector128<sbyte> minimums)
        {
            scales = Vector128.Load(((Block*)block)->GroupScales);
            minimums = default;
        }

        public static int StoredReference(byte* block, int index)
        {
            byte pair = ((Block*)block)->Nibbles[(64 * (index / 128)) + (index % 64)];
            int high = (((Block*)block)->HighPairs[(32 * (index / 128)) + (index % 32)] >> (2 * (index % 128 / 32))) & 3;
            return (index % 128 < 64 ? pair & 15 : pair >> 4) | (high << 4);
        }

        public static (int Scale, int Minimum) ScalesReference(byte* block, int group)
            => (((Block*)block)->GroupScales[group], 0);
    }
}
