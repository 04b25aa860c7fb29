using System.Runtime.InteropServices;
using Lapidary.Numerics;

namespace Lapidary.Workbench.Compression;

/// <summary>Copies of matrices in which some weights become 0 and the others keep their bits.</summary>
internal static unsafe class PrunedCopy
{
    /// <summary>A copy that owns its memory.</summary>
    public static Tensor Of(Tensor source)
    {
        Tensor copy = Tensor.Allocate(source.Type, source.Shape.AsSpan());
        Buffer.MemoryCopy(source.Data, copy.Data, copy.ByteLength, source.ByteLength);
        return copy;
    }

    /// <summary>Sets weights of a row to 0.</summary>
    /// <param name="matrix">F32, F16 or BF16.</param>
    /// <param name="row">Which row.</param>
    /// <param name="dropped">Which columns.</param>
    public static void Drop(Tensor matrix, long row, ReadOnlySpan<bool> dropped)
    {
        var bytes = new Span<byte>(matrix.RowPointer(row), checked((int)matrix.RowBytes));
        if (matrix.Type == ElementType.F32)
        {
            Drop(MemoryMarshal.Cast<byte, uint>(bytes), dropped);
        }
        else
        {
            Drop(MemoryMarshal.Cast<byte, ushort>(bytes), dropped);
        }
    }

    private static void Drop<T>(Span<T> weights, ReadOnlySpan<bool> dropped)
        where T : unmanaged
    {
        for (int i = 0; i < weights.Length; i++)
        {
            if (dropped[i])
            {
                weights[i] = default;
            }
        }
    }
}
