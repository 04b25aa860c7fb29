using Lapidary.Numerics.Memory;

namespace Lapidary.Numerics.Kernels;

/// <summary>A square matrix in double precision. Rows are padded with zeros to whole vectors.</summary>
public sealed unsafe class SquareMatrix : IDisposable
{
    // Whole tiles of the kernels, so that they have no rests.
    internal const int Padding = 8;

    private readonly NativeMemoryBlock memory;

    /// <summary>A matrix of zeros.</summary>
    /// <param name="size">Rows and columns, at least 1.</param>
    /// <exception cref="OutOfMemoryException">The system refuses the memory.</exception>
    public SquareMatrix(int size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, 1 << 20);
        Size = size;
        Stride = (size + Padding - 1) & -Padding;
        memory = new NativeMemoryBlock(BytesOf(size));
    }

    /// <summary>Rows and columns.</summary>
    public int Size { get; }

    /// <summary>Numbers from one row to the next; there are as many rows, those behind <see cref="Size"/> without a meaning.</summary>
    public int Stride { get; }

    /// <summary>Address of the first number.</summary>
    public double* Data => (double*)memory.Pointer;

    /// <summary>A number.</summary>
    public ref double this[int row, int column]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(row);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, Size);
            ArgumentOutOfRangeException.ThrowIfNegative(column);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(column, Size);
            return ref Data[((nint)row * Stride) + column];
        }
    }

    /// <summary>Bytes that a matrix takes.</summary>
    /// <param name="size">Rows and columns.</param>
    public static long BytesOf(int size)
    {
        long stride = (size + Padding - 1) & -Padding;
        return stride * stride * sizeof(double);
    }

    /// <inheritdoc/>
    public void Dispose() => memory.Dispose();
}
