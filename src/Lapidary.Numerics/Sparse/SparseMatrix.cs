using System.Buffers;
using Lapidary.Numerics.Formats;
using Lapidary.Numerics.Memory;
using Lapidary.Numerics.Threading;

namespace Lapidary.Numerics.Sparse;

/// <summary>
/// A matrix [rows, row length] in memory without its zeros: for each row a bitmap and the elements that are not zero, in the bits in which its
/// storage format has them. A product spreads some rows at a time over a buffer that stays in the first-level cache and multiplies them as
/// the dense format does, so results have the bits of the dense matrix, while main memory is read for the packed rows only.
/// </summary>
public sealed unsafe class SparseMatrix : IDisposable
{
    // Rows that are spread at a time lie here, beside the vector and the shuffles, in 32 KB of first-level cache.
    private const int BufferBytes = 8192;

    // What is read from the source at a time stays in the last-level cache while it is packed.
    private const long ReadBytes = 4 << 20;

    private readonly SparseFormat form;
    private readonly WeightFormat format;
    private readonly NativeMemoryBlock memory;
    private readonly int groups;

    private SparseMatrix(ElementType type, SparseFormat form, long rows, int rowLength, ReadOnlySpan<int> nonZeros)
    {
        this.form = form;
        Type = type;
        format = WeightFormat.Of(type);
        Rows = rows;
        RowLength = rowLength;
        groups = form.GroupsOf(rowLength);
        long bytes = (rows + 1) * sizeof(long);
        foreach (int count in nonZeros)
        {
            NonZeros += count;
        }

        memory = new NativeMemoryBlock(checked(bytes + (rows * groups * form.HeadBytes) + (NonZeros * form.ElementBytes)));
        var offsets = (long*)memory.Pointer;
        for (int row = 0; row < nonZeros.Length; row++)
        {
            offsets[row] = bytes;
            bytes += ((long)groups * form.HeadBytes) + ((long)nonZeros[row] * form.ElementBytes);
        }

        offsets[rows] = bytes;
    }

    /// <summary>The format whose rows these are.</summary>
    public ElementType Type { get; }

    /// <summary>Number of rows.</summary>
    public long Rows { get; }

    /// <summary>Elements of a row.</summary>
    public int RowLength { get; }

    /// <summary>Elements that are not zero.</summary>
    public long NonZeros { get; }

    /// <summary>Share of zeros among all elements, 0 to 1; 0 for a matrix without elements.</summary>
    public double Sparsity => Rows * RowLength == 0 ? 0 : 1 - (NonZeros / ((double)Rows * RowLength));

    /// <summary>Size in memory: 8 bytes a row, the bitmaps (and scales), the elements that are not zero.</summary>
    public long ByteLength => memory.ByteLength;

    /// <summary>Size of the same matrix as its format stores it.</summary>
    public long DenseByteLength => Rows * format.RowBytes(RowLength);

    /// <summary>How the rows are stored when they are spread.</summary>
    internal WeightFormat Format => format;

    /// <summary>Bytes from one spread row to the next.</summary>
    internal nint SpreadStride => (nint)((((long)groups * form.DenseBytes) + 63) & ~63L);

    /// <summary>Rows that are spread at a time, an even number.</summary>
    internal int SpreadRows => Math.Max(2, (int)(BufferBytes / SpreadStride) & ~1);

    /// <summary>Memory that <see cref="SpreadRows"/> rows take.</summary>
    internal long SpreadBytes => SpreadRows * SpreadStride;

    /// <summary>Whether there is a sparse form for a storage format: BF16, F16 and Q8_0 have one.</summary>
    public static bool Supports(ElementType type) => SparseFormat.Of(type) is not null;

    /// <summary>
    /// Elements of encoded rows that are not zero. Zeros of either sign count as zeros.
    /// </summary>
    /// <param name="type">The storage format, one that <see cref="Supports"/> a sparse form.</param>
    /// <param name="rows">Whole encoded rows.</param>
    /// <param name="rowLength">Elements of a row, a whole number of blocks.</param>
    /// <exception cref="ArgumentException">The type has no sparse form, or the bytes are not whole rows.</exception>
    public static long CountNonZeros(ElementType type, ReadOnlySpan<byte> rows, int rowLength)
    {
        SparseFormat form = FormOf(type);
        int rowBytes = RowBytesOf(type, rowLength);
        if (rowBytes == 0 || rows.Length % rowBytes != 0)
        {
            throw new ArgumentException($"{rows.Length} bytes are not rows of {rowBytes}.", nameof(rows));
        }

        long count = 0;
        fixed (byte* start = rows)
        {
            for (byte* row = start; row < start + rows.Length; row += rowBytes)
            {
                count += form.CountNonZeros(row, rowLength);
            }
        }

        return count;
    }

    /// <summary>
    /// Packs a matrix some rows at a time: its dense form need not fit into memory. The source is read twice, from its first row to its last: once
    /// to count, once to pack.
    /// </summary>
    /// <param name="pool">Workers that count and pack.</param>
    /// <param name="type">The storage format, one that <see cref="Supports"/> a sparse form.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="rowLength">Elements of a row, a whole number of blocks.</param>
    /// <param name="read">Gives the encoded rows, the same each time.</param>
    /// <exception cref="ArgumentException">The type has no sparse form, or a size is impossible.</exception>
    /// <exception cref="InvalidOperationException">The source gave other rows the second time.</exception>
    public static SparseMatrix Build(WorkerPool pool, ElementType type, long rows, int rowLength, RowReader read)
    {
        ArgumentNullException.ThrowIfNull(pool);
        ArgumentNullException.ThrowIfNull(read);
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows, Array.MaxLength);
        SparseFormat form = FormOf(type);
        int rowBytes = RowBytesOf(type, rowLength);
        int[] nonZeros = new int[rows];
        int atOnce = (int)Math.Clamp(ReadBytes / Math.Max(1, rowBytes), 1, Math.Max(1, rows));
        byte[] buffer = ArrayPool<byte>.Shared.Rent(checked(atOnce * rowBytes));
        SparseMatrix? matrix = null;
        try
        {
            fixed (byte* source = buffer)
            fixed (int* counts = nonZeros)
            {
                var job = new PackJob { Form = form, Source = source, RowBytes = rowBytes, RowLength = rowLength, Counts = counts };
                ForEach(pool, rows, atOnce, buffer, rowBytes, read, ref job);
                matrix = new SparseMatrix(type, form, rows, rowLength, nonZeros);
                job.Records = matrix.memory.Pointer;
                ForEach(pool, rows, atOnce, buffer, rowBytes, read, ref job);
                return job.Changed == 0
                    ? matrix
                    : throw new InvalidOperationException("The rows of the matrix changed while they were packed.");
            }
        }
        catch
        {
            matrix?.Dispose();
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Decodes one row to float32, to the numbers of the dense row; a negative zero comes as a positive one.</summary>
    /// <param name="row">Which row.</param>
    /// <param name="destination">Receives <see cref="RowLength"/> numbers.</param>
    public void DecodeRow(long row, Span<float> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, Rows);
        ArgumentOutOfRangeException.ThrowIfLessThan(destination.Length, RowLength);
        fixed (float* target = destination)
        {
            Decode(row, 0, RowLength, target);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => memory.Dispose();

    /// <summary>The product of decoding: y[r] = row <paramref name="firstRow"/> + r times x, in the bits of the dense rows.</summary>
    internal void MultiplyRows(long firstRow, int count, in Activations x, float* y) =>
        form.MultiplyRows(memory.Pointer, (long*)memory.Pointer + firstRow, count, in x, y);

    /// <summary>Writes rows as their format stores them, <see cref="SpreadStride"/> apart.</summary>
    internal void Spread(long firstRow, int count, byte* destination)
    {
        nint stride = SpreadStride;
        byte* records = memory.Pointer;
        for (int i = 0; i < count; i++)
        {
            byte* head = records + ((long*)records)[firstRow + i];
            form.Expand(head, head + (groups * form.HeadBytes), groups, destination + (i * stride));
        }
    }

    /// <summary>Decodes elements <paramref name="first"/>, at the start of a group, and the following of a row.</summary>
    internal void Decode(long row, int first, int count, float* destination)
    {
        // A piece is whole groups of every form.
        const int Piece = 512;
        byte* spread = stackalloc byte[(Piece * sizeof(ushort)) + 64];
        byte* records = memory.Pointer;
        byte* head = records + ((long*)records)[row];
        byte* packed = head + (groups * form.HeadBytes);
        int group = first / form.GroupLength;
        packed += form.CountPacked(head, group) * form.ElementBytes;
        head += (nint)group * form.HeadBytes;
        for (int done = 0; done < count; done += Piece)
        {
            int present = Math.Min(Piece, count - done);
            int pieceGroups = form.GroupsOf(present);
            form.Expand(head, packed, pieceGroups, spread);
            format.Decode(spread, destination + done, present);
            packed += form.CountPacked(head, pieceGroups) * form.ElementBytes;
            head += pieceGroups * form.HeadBytes;
        }
    }

    private static SparseFormat FormOf(ElementType type) =>
        SparseFormat.Of(type) ?? throw new ArgumentException($"{type} has no sparse form.", nameof(type));

    private static int RowBytesOf(ElementType type, int rowLength) => checked((int)Tensor.ByteLengthOf(type, [rowLength]));

    private static void ForEach(
        WorkerPool pool, long rows, int atOnce, byte[] buffer, int rowBytes, RowReader read, ref PackJob job)
    {
        for (long first = 0; first < rows; first += atOnce)
        {
            int count = (int)Math.Min(atOnce, rows - first);
            read(first, buffer.AsSpan(0, count * rowBytes));
            job.FirstRow = first;
            job.Rows = new SharedRows(count);
            SharedWork.Run(pool, ref job, (long)count * job.RowLength);
        }
    }

    /// <summary>Counts the elements of rows, or packs rows that have been counted.</summary>
    private struct PackJob : IParallelJob
    {
        public SparseFormat Form;
        public byte* Source;
        public nint RowBytes;
        public int RowLength;
        public long FirstRow;
        public int* Counts;
        public byte* Records;
        public int Changed;
        public SharedRows Rows;

        public void Execute(int worker, int workers)
        {
            while (Rows.TryTake(workers, out int start, out int end))
            {
                for (int row = start; row < end; row++)
                {
                    byte* source = Source + (row * RowBytes);
                    int count = Form.CountNonZeros(source, RowLength);
                    if (Records is null)
                    {
                        Counts[FirstRow + row] = count;
                    }
                    else if (Counts[FirstRow + row] == count)
                    {
                        Form.Pack(source, RowLength, Records + ((long*)Records)[FirstRow + row]);
                    }
                    else
                    {
                        // A file that is written to meanwhile must not make a row overrun the next.
                        Interlocked.Exchange(ref Changed, 1);
                    }
                }
            }
        }
    }
}
