using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
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
    public static void MultiplyRows(byte* rows, nint rowBytes, int rowCount, in Activations x, float* y) =>
        BlockOf32<Block>.MultiplyRows(rows, rowBytes, rowCount, in x, y);

    /// <inheritdoc/>
    public static double MultiplyReference(ReadOnlySpan<byte> row, in Activations x) =>
        BlockOf32<Block>.MultiplyReference(row, in x);

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
