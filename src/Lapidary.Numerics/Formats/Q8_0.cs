using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Lapidary.Numerics.Formats;

/// <summary>Q8_0: blocks of 32 signed bytes q with a half scale d; a number is d * q.</summary>
public readonly unsafe struct Q8_0Format : IWeightFormat
{
    /// <inheritdoc/>
    public static ElementType Type => ElementType.Q8_0;

    /// <inheritdoc/>
    public static int BlockLength => 32;

    /// <inheritdoc/>
    public static int BlockBytes => 34;

    /// <inheritdoc/>
    public static ActivationLayout Activations => ActivationLayout.Byte32;

    /// <inheritdoc/>
    public static void Decode(byte* source, float* destination, int count) =>
        DecodeReference(new ReadOnlySpan<byte>(source, count / 32 * 34), new Span<float>(destination, count));

    /// <inheritdoc/>
    public static void DecodeReference(ReadOnlySpan<byte> source, Span<float> destination)
    {
        ReadOnlySpan<Block> blocks = MemoryMarshal.Cast<byte, Block>(source);
        for (int i = 0; i < destination.Length; i++)
        {
            Block block = blocks[i / 32];
            destination[i] = (float)block.Scale * block.Quants[i % 32];
        }
    }

    /// <inheritdoc/>
    public static void MultiplyRows(byte* rows, nint rowBytes, int rowCount, in Activations x, float* y)
    {
        for (int row = 0; row < rowCount; row++)
        {
            y[row] = (float)MultiplyReference(new ReadOnlySpan<byte>(rows + (row * rowBytes), x.Length / 32 * 34), in x);
        }
    }

    /// <inheritdoc/>
    public static double MultiplyReference(ReadOnlySpan<byte> row, in Activations x)
    {
        ReadOnlySpan<Block> blocks = MemoryMarshal.Cast<byte, Block>(row);
        double sum = 0;
        for (int b = 0; b < blocks.Length; b++)
        {
            int dot = 0;
            for (int i = 0; i < 32; i++)
            {
                dot += blocks[b].Quants[i] * x.Quants[(b * 32) + i];
            }

            sum += (double)(float)blocks[b].Scale * x.Scales[b] * dot;
        }

        return sum;
    }

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct Block
    {
        public Half Scale;
        public Bytes32 Quants;
    }

    [InlineArray(32)]
    private struct Bytes32
    {
        private sbyte first;
    }
}
