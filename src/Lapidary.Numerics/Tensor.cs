using System.Collections.Immutable;
using Lapidary.Numerics.Formats;
using Lapidary.Numerics.Memory;

namespace Lapidary.Numerics;

/// <summary>
/// A dense row-major tensor of one element type over memory that it owns or that a mapped file owns. The last dimension is
/// contiguous and, for block formats, a whole number of blocks.
/// </summary>
public sealed unsafe class Tensor : IDisposable
{
    private readonly NativeMemoryBlock? owned;
    private readonly MappedFile? mapped;
    private readonly byte* data;

    private Tensor(ElementType type, ImmutableArray<long> shape, NativeMemoryBlock? owned, MappedFile? mapped, byte* data)
    {
        Type = type;
        Shape = shape;
        RowLength = shape.IsEmpty ? 1 : shape[^1];
        RowBytes = WeightFormat.Of(type).RowBytes(RowLength);
        Rows = 1;
        for (int i = 0; i < shape.Length - 1; i++)
        {
            Rows = checked(Rows * shape[i]);
        }

        ByteLength = checked(Rows * RowBytes);
        this.owned = owned;
        this.mapped = mapped;
        this.data = data;
    }

    /// <summary>How the elements are stored.</summary>
    public ElementType Type { get; }

    /// <summary>The dimensions, outermost first; empty for a scalar.</summary>
    public ImmutableArray<long> Shape { get; }

    /// <summary>Length of the innermost dimension.</summary>
    public long RowLength { get; }

    /// <summary>Product of all dimensions but the innermost.</summary>
    public long Rows { get; }

    /// <summary>Bytes from one row to the next.</summary>
    public long RowBytes { get; }

    /// <summary>Number of elements.</summary>
    public long Length => Rows * RowLength;

    /// <summary>Size of the data in bytes.</summary>
    public long ByteLength { get; }

    /// <summary>Whether the data lies in a mapped file and can therefore not be written.</summary>
    public bool IsMapped => mapped is not null;

    /// <summary>Address of the first element.</summary>
    public byte* Data
    {
        get
        {
            _ = owned?.Pointer;
            return data;
        }
    }

    /// <summary>Allocates a zeroed tensor.</summary>
    /// <exception cref="ArgumentException">A dimension is negative, or a row is not a whole number of blocks.</exception>
    public static Tensor Allocate(ElementType type, params ReadOnlySpan<long> shape)
    {
        long bytes = ByteLengthOf(type, shape);
        var block = new NativeMemoryBlock(bytes);
        return new Tensor(type, [.. shape], block, null, block.Pointer);
    }

    /// <summary>A view of <paramref name="file"/> from byte <paramref name="offset"/>. The file must outlive the tensor.</summary>
    /// <exception cref="ArgumentException">The shape is impossible or the data does not lie inside the file.</exception>
    public static Tensor Map(MappedFile file, long offset, ElementType type, params ReadOnlySpan<long> shape)
    {
        long bytes = ByteLengthOf(type, shape);
        if (offset < 0 || bytes > file.ByteLength || offset > file.ByteLength - bytes)
        {
            throw new ArgumentException($"{bytes} bytes at offset {offset} do not lie inside a file of {file.ByteLength} bytes.");
        }

        return new Tensor(type, [.. shape], null, file, file.Pointer + offset);
    }

    /// <summary>Bytes that a tensor of this type and shape takes.</summary>
    /// <exception cref="ArgumentException">A dimension is negative, the size overflows, or a row is not a whole number of blocks.</exception>
    public static long ByteLengthOf(ElementType type, ReadOnlySpan<long> shape)
    {
        long rowLength = shape.IsEmpty ? 1 : shape[^1];
        WeightFormat format = WeightFormat.Of(type);
        if (rowLength < 0 || rowLength % format.BlockLength != 0)
        {
            throw new ArgumentException($"A row of {rowLength} elements is not a whole number of {type} blocks of {format.BlockLength}.");
        }

        try
        {
            long bytes = format.RowBytes(rowLength);
            for (int i = 0; i < shape.Length - 1; i++)
            {
                ArgumentOutOfRangeException.ThrowIfNegative(shape[i], nameof(shape));
                bytes = checked(bytes * shape[i]);
            }

            return bytes;
        }
        catch (OverflowException)
        {
            throw new ArgumentException($"A tensor of {string.Join(" x ", shape.ToArray())} elements is too large.");
        }
    }

    /// <summary>Address of row <paramref name="row"/>; not checked against <see cref="Rows"/>.</summary>
    public byte* RowPointer(long row) => data + (row * RowBytes);

    /// <summary>The elements of an F32 tensor.</summary>
    /// <exception cref="InvalidOperationException">The tensor has another type.</exception>
    public Span<float> AsFloats() =>
        Type == ElementType.F32
            ? new Span<float>(Data, checked((int)Length))
            : throw new InvalidOperationException($"The tensor holds {Type}, not F32.");

    /// <summary>Decodes one row to float32.</summary>
    /// <param name="row">Which row.</param>
    /// <param name="destination">Receives <see cref="RowLength"/> numbers.</param>
    public void DecodeRow(long row, Span<float> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, Rows);
        ArgumentOutOfRangeException.ThrowIfLessThan(destination.Length, RowLength);
        fixed (float* target = destination)
        {
            WeightFormat.Of(Type).Decode(RowPointer(row), target, (int)RowLength);
        }
    }

    /// <summary>Frees the memory if the tensor owns it; a mapped tensor leaves its file alone.</summary>
    public void Dispose() => owned?.Dispose();
}
