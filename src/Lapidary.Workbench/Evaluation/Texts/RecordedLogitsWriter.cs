using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Lapidary.Checkpoints;

namespace Lapidary.Workbench.Evaluation.Texts;

/// <summary>
/// Records predictions in the file that llama.cpp's perplexity tool writes with <c>--kl-divergence-base</c> and compares with:
/// 2 bytes a token of the vocabulary for each scored token, for a vocabulary of 262,144 about 134 MB a chunk of 512 tokens.
/// </summary>
/// <remarks>
/// The file gets its name in <see cref="Complete"/>; until then, and after a failure, it is not there. Room for all of it is asked for at
/// the beginning, so that a disk that is too small says so before the work.
/// </remarks>
public sealed class RecordedLogitsWriter : IDisposable
{
    private readonly string path;
    private readonly OutputFolder folder;
    private readonly FileStream stream;
    private readonly RecordedLogitsLayout layout;
    private readonly byte[] row;
    private long rowsLeft;

    /// <summary>Begins a file.</summary>
    /// <param name="path">Its name.</param>
    /// <param name="chunks">What is recorded.</param>
    /// <param name="vocabularySize">Logits of a row.</param>
    /// <exception cref="CheckpointException">It cannot be written.</exception>
    public RecordedLogitsWriter(string path, TextChunks chunks, int vocabularySize)
    {
        ArgumentNullException.ThrowIfNull(chunks);
        ArgumentOutOfRangeException.ThrowIfLessThan(vocabularySize, 1);
        this.path = path;
        layout = new RecordedLogitsLayout(chunks.ContextLength, vocabularySize, chunks.Count);
        rowsLeft = (long)chunks.Count * chunks.ScoredCount;
        row = new byte[layout.RowBytes];
        string full = System.IO.Path.GetFullPath(path);
        folder = new OutputFolder(System.IO.Path.GetDirectoryName(full)!, overwrite: true);
        string temporary = folder.Stage(System.IO.Path.GetFileName(full));
        FileStream? created = null;
        try
        {
            created = new FileStream(temporary, new FileStreamOptions
            {
                Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 1 << 20, PreallocationSize = (long)layout.OffsetOf(layout.ChunkCount),
            });
            stream = created;
            WriteHeader(chunks);
        }
        catch (Exception thrown)
        {
            created?.Dispose();
            folder.Dispose();
            if (thrown is IOException or UnauthorizedAccessException)
            {
                throw CannotWrite(thrown);
            }

            throw;
        }
    }

    /// <summary>Bytes of the whole file.</summary>
    public long ByteLength => (long)layout.OffsetOf(layout.ChunkCount);

    /// <summary>Adds the next row.</summary>
    /// <param name="logits">x [vocabulary], finite.</param>
    /// <param name="largest">The largest of them.</param>
    /// <param name="logSum">log(sum of e^x).</param>
    /// <exception cref="InvalidOperationException">All rows are there already.</exception>
    /// <exception cref="CheckpointException">It cannot be written.</exception>
    public void Write(ReadOnlySpan<float> logits, float largest, double logSum)
    {
        if (--rowsLeft < 0)
        {
            throw new InvalidOperationException("All rows of the file are written.");
        }

        RecordedRow.Encode(logits, largest, logSum, row);
        Write(row);
    }

    /// <summary>Gives the file its name.</summary>
    /// <exception cref="InvalidOperationException">Rows are missing.</exception>
    /// <exception cref="CheckpointException">It cannot be written.</exception>
    public void Complete()
    {
        if (rowsLeft != 0)
        {
            throw new InvalidOperationException($"{rowsLeft} rows of the file are missing.");
        }

        try
        {
            stream.Flush(flushToDisk: true);
            stream.Dispose();
        }
        catch (IOException thrown)
        {
            throw CannotWrite(thrown);
        }

        folder.Commit();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            stream.Dispose();
        }
        catch (IOException)
        {
            // What is still in the buffer belongs to a file that is removed now; why it is removed has been said.
        }

        folder.Dispose();
    }

    private void WriteHeader(TextChunks chunks)
    {
        Span<byte> header = stackalloc byte[RecordedLogitsLayout.HeaderBytes];
        RecordedLogitsLayout.Magic.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], layout.ContextLength);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], layout.VocabularySize);
        BinaryPrimitives.WriteInt32LittleEndian(header[16..], layout.ChunkCount);
        Write(header);
        Write(MemoryMarshal.AsBytes(chunks.Tokens.Span));
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        try
        {
            stream.Write(bytes);
        }
        catch (IOException thrown)
        {
            throw CannotWrite(thrown);
        }
    }

    private CheckpointWriteException CannotWrite(Exception thrown) => new(path, $"cannot be written: {thrown.Message.TrimEnd('.')}", thrown);
}
