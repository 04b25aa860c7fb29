using System.Buffers.Binary;
using Lapidary.Checkpoints;
using Lapidary.Text.Data.Files;
using Lapidary.Text.Data.Parquet.Compression;

namespace Lapidary.Text.Data.Parquet;

/// <summary>
/// A file of Apache Parquet: rows column by column, a group of rows at a time. Flat and nested columns of all types are read, in all
/// encodings that writers of the last ten years have, compressed with Snappy, gzip, Brotli, Zstandard, LZ4 or not. Encrypted files are not.
/// </summary>
internal sealed class ParquetFile : IDisposable
{
    private const int MostFooter = 1 << 26;
    private const int TailLength = 8;

    private readonly Stream stream;
    private readonly string path;
    private readonly FileMetadata metadata;

    private ParquetFile(Stream stream, string path, FileMetadata metadata)
    {
        this.stream = stream;
        this.path = path;
        this.metadata = metadata;
    }

    /// <summary>Number of rows.</summary>
    public long RowCount => metadata.RowCount;

    /// <summary>Reads the footer.</summary>
    /// <param name="stream">The file, which can be read at any place; disposed with this.</param>
    /// <param name="path">What errors call it.</param>
    /// <exception cref="CheckpointException">It is no Parquet file, or its footer cannot be.</exception>
    public static ParquetFile Open(Stream stream, string path) => Guard(path, () =>
    {
        byte[] tail = new byte[TailLength];
        long length = stream.Length;
        if (length < TailLength + 4)
        {
            throw new ParquetException($"has {length} bytes, which are too few for a Parquet file");
        }

        ReadAt(stream, length - TailLength, tail);
        ReadOnlySpan<byte> magic = tail.AsSpan(4);
        if (!magic.SequenceEqual("PAR1"u8))
        {
            throw new ParquetException(magic.SequenceEqual("PARE"u8) ? "has an encrypted footer, which is not read" : "does not end as a Parquet file does");
        }

        uint size = BinaryPrimitives.ReadUInt32LittleEndian(tail);
        if (size > MostFooter || size > length - TailLength - 4)
        {
            throw new ParquetException($"has a footer of {size} bytes where at most {Math.Min(MostFooter, length - TailLength - 4)} can be");
        }

        byte[] footer = new byte[size];
        ReadAt(stream, length - TailLength - size, footer);
        FileMetadata metadata = FileMetadata.Read(footer);
        Check(metadata, length - TailLength - size);
        return new ParquetFile(stream, path, metadata);
    });

    /// <summary>All rows, as they are asked for, with their number from 1.</summary>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="CheckpointException">Something in the file cannot be read.</exception>
    /// <exception cref="OperationCanceledException">The reading was ended.</exception>
    public IEnumerable<RawRow> Rows(CancellationToken cancellation) => Rows(new PageMemory(), cancellation);

    /// <summary>All rows, within other bounds on memory.</summary>
    internal IEnumerable<RawRow> Rows(PageMemory memory, CancellationToken cancellation)
    {
        int number = 0;
        foreach (RowGroup group in metadata.RowGroups)
        {
            using RowAssembler rows = Guard(path, () => new RowAssembler(metadata.Schema, Columns(group, memory)));
            for (long i = 0; i < group.RowCount; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                yield return new RawRow(++number) { Json = Guard(path, rows.Next) };
            }

            _ = Guard(path, () =>
            {
                rows.End();
                return true;
            });
        }
    }

    /// <inheritdoc/>
    public void Dispose() => stream.Dispose();

    // Everything that is allocated later is bounded by what is checked here and by the bytes of the file.
    private static void Check(FileMetadata metadata, long length)
    {
        if (metadata.RowCount > RowLimit.Rows)
        {
            throw new ParquetException($"has {metadata.RowCount} rows where at most {RowLimit.Rows} are read");
        }

        foreach (RowGroup group in metadata.RowGroups)
        {
            long sum = 0;
            for (int i = 0; i < group.Columns.Length; i++)
            {
                ColumnChunk chunk = group.Columns[i];
                SchemaLeaf leaf = metadata.Schema.Leaves[i];
                if (chunk.Type != leaf.Type || !Enum.IsDefined(chunk.Codec))
                {
                    throw new ParquetException($"has a column of the type {chunk.Type} in the codec {chunk.Codec} where the schema has {leaf.Type}");
                }

                if (chunk.EntryCount < 0 || chunk.Length < 0 || chunk.Offset < 4 || chunk.Offset > length || chunk.Length > length - chunk.Offset || chunk.Length > Array.MaxLength)
                {
                    throw new ParquetException($"has a column of {chunk.EntryCount} entries in {chunk.Length} bytes from byte {chunk.Offset} on, of {length}");
                }

                sum += chunk.Length;
            }

            if (sum > length)
            {
                throw new ParquetException($"has columns of {sum} bytes in one row group where all of them have {length}");
            }
        }
    }

    private ColumnCursor[] Columns(RowGroup group, PageMemory memory)
    {
        memory.BeginGroup();
        var columns = new ColumnCursor[group.Columns.Length];
        for (int i = 0; i < columns.Length; i++)
        {
            ColumnChunk chunk = group.Columns[i];
            byte[] pages = new byte[chunk.Length];
            ReadAt(stream, chunk.Offset, pages);
            columns[i] = new ColumnCursor(metadata.Schema.Leaves[i], chunk, pages, memory);
        }

        return columns;
    }

    private static void ReadAt(Stream stream, long offset, byte[] target)
    {
        stream.Position = offset;
        stream.ReadExactly(target);
    }

    private static T Guard<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (ParquetException thrown)
        {
            throw new CheckpointException(path, thrown.Message, thrown);
        }
        catch (Exception thrown) when (thrown is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new CheckpointException(path, $"cannot be read: {thrown.Message.TrimEnd('.')}", thrown);
        }
    }
}
