using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Lapidary.Numerics.Formats.Encoding;
using Lapidary.Numerics.Simd;

namespace Lapidary.Numerics.Formats;

/// <summary>
/// Q5_1: blocks of 32 with a half scale d and a half minimum m; a number is d * q + m. Bit i of a 32-bit word is the highest bit of
/// element i, the other four lie as in Q4_0.
/// </summary>
public readonly unsafe struct Q5_1Format : IWeightFormat
{
    /// <inheritdoc/>
    public static ElementType Type => ElementType.Q5_1;

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
        EncodeArguments.Check<Q5_1Format>(values.Length, importance.Length, blocks.Length);
        BlockOf32Encoder<Block>.Encode(values, importance, blocks);
    }

    /// <inheritdoc/>
    public static void EncodeReference(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, Span<byte> blocks)
    {
        EncodeArguments.Check<Q5_1Format>(values.Length, importance.Length, blocks.Length);
        BlockOf32Encoder<Block>.EncodeReference(values, importance, blocks);
    }

    /// <inheritdoc/>
    public static void MultiplyRows(byte* rows, nint rowBytes, int rowCount, in Activations x, float* y) =>
        BlockOf32<Block>.MultiplyRows(rows, rowBytes, rowCount, in x, y);

    /// <inheritdoc/>
    public static double MultiplyReference(ReadOnlySpan<byte> row, in Activations x) =>
        BlockOf32<Block>.MultiplyReference(row, in x);

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct Block : IEncodedBlockOf32
    {
        public Half Scale;
        public Half Minimum;
        public fixed byte HighBits[4];
        public fixed byte Nibbles[16];

        public static bool HasMinimum => true;

        public static bool IsSigned => false;

        public static byte Offset => 0;

        public static int Largest => 31;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Pack(byte* block, byte* quants)
        {
            QuantPlanes.PackNibbles(quants, 16, ((Block*)block)->Nibbles, 16);
            Unsafe.WriteUnaligned(((Block*)block)->HighBits, QuantPlanes.FifthBits(quants));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static B Quants<V, B, TIsa>(byte* block)
            where V : struct
            where B : struct
            where TIsa : struct, IByteIsa<V, B>
        {
            B high = TIsa.BitAnd(TIsa.ExpandBits(((Block*)block)->HighBits), TIsa.CreateBytes(16));
            return TIsa.BitOr(TIsa.LoadNibbles(((Block*)block)->Nibbles), high);
        }

        public static int QuantReference(byte* block, int index)
        {
            byte pair = ((Block*)block)->Nibbles[index % 16];
            int high = (((Block*)block)->HighBits[index / 8] >> (index % 8)) & 1;
            return (index < 16 ? pair & 15 : pair >> 4) | (high << 4);
        }
    }
}
