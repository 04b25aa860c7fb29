using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Lapidary.Numerics.Formats.Encoding;
using Lapidary.Numerics.Simd;

namespace Lapidary.Numerics.Formats;

/// <summary>
/// Q3_K: super-blocks of 256 with a half scale d. Group g of 16 has a 6-bit scale s; a number is (d * (s - 32)) * (q - 4). The lower two
/// bits of q lie as in Q2_K; bit k of byte i of the mask is the third bit of element 32 k + i. Byte i of the first eight bytes of the
/// scales holds the lower four bits of scales i and i + 8, bit pair k of byte j of the last four the upper two of scale 4 k + j.
/// </summary>
public readonly unsafe struct Q3_KFormat : IWeightFormat
{
    /// <inheritdoc/>
    public static ElementType Type => ElementType.Q3_K;

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
        EncodeArguments.Check<Q3_KFormat>(values.Length, importance.Length, blocks.Length);
        ScaleSuperBlockEncoder<Block>.Encode(values, importance, blocks);
    }

    /// <inheritdoc/>
    public static void EncodeReference(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, Span<byte> blocks)
    {
        EncodeArguments.Check<Q3_KFormat>(values.Length, importance.Length, blocks.Length);
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
        public fixed byte HighBits[32];
        public fixed byte Pairs[64];
        public fixed byte GroupScales[12];
        public Half Scale;

        public static int ScaleOffset => 108;

        public static int MinimumOffset => -1;

        public static byte OffsetPower => 2;

        public static int GroupLength => 16;

        public static int Largest => 7;

        public static bool DescendsWithoutImportance => true;

        public static WeightRule ImportanceWeights => WeightRule.ScaledImportance;

        public static void PackScales(byte* block, int* scales, int* minimums)
        {
            byte* packed = ((Block*)block)->GroupScales;
            for (int i = 0; i < 4; i++)
            {
                int first = scales[i] + 32, second = scales[i + 4] + 32, third = scales[i + 8] + 32, fourth = scales[i + 12] + 32;
                packed[i] = (byte)((first & 15) | ((third & 15) << 4));
                packed[i + 4] = (byte)((second & 15) | ((fourth & 15) << 4));
                packed[i + 8] = (byte)((first >> 4) | ((second >> 4) << 2) | ((third >> 4) << 4) | ((fourth >> 4) << 6));
            }
        }

        public static void PackQuants(byte* block, byte* quants)
        {
            QuantPlanes.PackPairs(quants, 0, ((Block*)block)->Pairs);
            QuantPlanes.PackPairs(quants + 128, 0, ((Block*)block)->Pairs + 32);
            QuantPlanes.PackBits(quants, 2, ((Block*)block)->HighBits);
        }

        public static bool TryScale(float* scales, float* weightSums, int* integers, out float scale)
        {
            // Scales of zero bytes, which are those of a block of zeros, stand for -32.
            new Span<int>(integers, 16).Fill(-32);
            scale = weightSums is null
                ? Encoding.GroupScales.ByExtreme(scales, 32, integers)
                : Encoding.GroupScales.BySearch(scales, weightSums, 32, integers);
            return true;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static B Stored<V, B, TIsa>(byte* block, int part)
            where V : struct
            where B : struct
            where TIsa : struct, IByteIsa<V, B>
        {
            B pairs = TIsa.LoadBytes(((Block*)block)->Pairs + (32 * (part / 4)));
            B low = TIsa.BitAnd(TIsa.ShiftRight(pairs, (byte)(2 * (part % 4))), TIsa.CreateBytes(3));
            B mask = TIsa.LoadBytes(((Block*)block)->HighBits);
            B high = part < 2 ? TIsa.ShiftLeft(mask, (byte)(2 - part)) : TIsa.ShiftRight(mask, (byte)(part - 2));
            return TIsa.BitOr(low, TIsa.BitAnd(high, TIsa.CreateBytes(4)));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Scales(byte* block, out Vector128<sbyte> scales, out Vector128<sbyte> minimums)
        {
            const ulong Nibbles = 0x0f0f0f0f0f0f0f0f;
            const uint Pairs = 0x30303030;
            ulong low = *(ulong*)((Block*)block)->GroupScales;
            uint high = *(uint*)(((Block*)block)->GroupScales + 8);
            ulong first = (low & Nibbles) | ((high << 4) & Pairs) | ((ulong)((high << 2) & Pairs) << 32);
            ulong last = ((low >> 4) & Nibbles) | (high & Pairs) | ((ulong)((high >> 2) & Pairs) << 32);
            scales = Vector128.Create(first, last).AsSByte() - Vector128.Create((sbyte)32);
            minimums = default;
        }

        public static int StoredReference(byte* block, int index)
        {
            int low = (((Block*)block)->Pairs[(32 * (index / 128)) + (index % 32)] >> (2 * (index % 128 / 32))) & 3;
            int high = (((Block*)block)->HighBits[index % 32] >> (index / 32)) & 1;
            return low | (high << 2);
        }

        public static (int Scale, int Minimum) ScalesReference(byte* block, int group)
        {
            byte* packed = ((Block*)block)->GroupScales;
            int low = group < 8 ? packed[group] & 15 : packed[group - 8] >> 4;
            int high = (packed[8 + (group % 4)] >> (2 * (group / 4))) & 3;
            return ((low | (high << 4)) - 32, 0);
        }
    }
}
