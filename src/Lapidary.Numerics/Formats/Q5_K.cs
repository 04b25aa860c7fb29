using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Lapidary.Numerics.Formats.Encoding;
using Lapidary.Numerics.Simd;

namespace Lapidary.Numerics.Formats;

/// <summary>
/// Q5_K: super-blocks of 256 with half scales d and m. Each 32 elements share a 6-bit scale s and a 6-bit minimum t
/// (<see cref="SixBitScales"/>); a number is (d * s) * q - (m * t). The lower four bits of q lie as in Q4_K; bit k of byte i of the mask
/// is the fifth bit of element 32 k + i.
/// </summary>
public readonly unsafe struct Q5_KFormat : IWeightFormat
{
    /// <inheritdoc/>
    public static ElementType Type => ElementType.Q5_K;

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
        EncodeArguments.Check<Q5_KFormat>(values.Length, importance.Length, blocks.Length);
        RangeSuperBlockEncoder<Block>.Encode(values, importance, blocks);
    }

    /// <inheritdoc/>
    public static void EncodeReference(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, Span<byte> blocks)
    {
        EncodeArguments.Check<Q5_KFormat>(values.Length, importance.Length, blocks.Length);
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
        public Half Scale;
        public Half MinimumScale;
        public fixed byte GroupScales[12];
        public fixed byte HighBits[32];
        public fixed byte Nibbles[128];

        public static int ScaleOffset => 0;

        public static int MinimumOffset => 2;

        public static byte OffsetPower => 0;

        public static int GroupLength => 32;

        public static int Largest => 31;

        public static int LargestScale => 63;

        public static WeightRule PlainWeights => WeightRule.MagnitudeAboveMean;

        public static RangeSteps PlainSteps => new(-0.5f, 0.1f, 15, IsAbsolute: false);

        public static float VarianceFactor => 2;

        public static void PackScales(byte* block, int* scales, int* minimums) =>
            SixBitScales.Pack(((Block*)block)->GroupScales, scales, minimums);

        public static void PackQuants(byte* block, byte* quants)
        {
            for (int part = 0; part < 4; part++)
            {
                QuantPlanes.PackNibbles(quants + (64 * part), ((Block*)block)->Nibbles + (32 * part));
            }

            QuantPlanes.PackBits(quants, 4, ((Block*)block)->HighBits);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static B Stored<V, B, TIsa>(byte* block, int part)
            where V : struct
            where B : struct
            where TIsa : struct, IByteIsa<V, B>
        {
            B pairs = TIsa.LoadBytes(((Block*)block)->Nibbles + (32 * (part / 2)));
            B low = TIsa.BitAnd(part % 2 == 0 ? pairs : TIsa.ShiftRight(pairs, 4), TIsa.CreateBytes(15));
            B mask = TIsa.LoadBytes(((Block*)block)->HighBits);
            B high = part < 4 ? TIsa.ShiftLeft(mask, (byte)(4 - part)) : TIsa.ShiftRight(mask, (byte)(part - 4));
            return TIsa.BitOr(low, TIsa.BitAnd(high, TIsa.CreateBytes(16)));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Scales(byte* block, out Vector128<sbyte> scales, out Vector128<sbyte> minimums)
            => SixBitScales.Unpack(((Block*)block)->GroupScales, out scales, out minimums);

        public static int StoredReference(byte* block, int index)
        {
            byte pair = ((Block*)block)->Nibbles[(32 * (index / 64)) + (index % 32)];
            int high = (((Block*)block)->HighBits[index % 32] >> (index / 32)) & 1;
            return (index % 64 < 32 ? pair & 15 : pair >> 4) | (high << 4);
        }

        public static (int Scale, int Minimum) ScalesReference(byte* block, int group)
            => SixBitScales.Reference(((Block*)block)->GroupScales, group / 2);
    }
}
