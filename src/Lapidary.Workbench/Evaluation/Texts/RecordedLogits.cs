using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Lapidary.Checkpoints;
using Lapidary.Numerics.Threading;

namespace Lapidary.Workbench.Evaluation.Texts;

/// <summary>
/// A base whose predictions were recorded in a file of llama.cpp's perplexity tool, or by <see cref="RecordedLogitsWriter"/>: the tokens
/// of the chunks and for each scored token 16 bits of every log-probability. What is computed from it is what that tool computes: the
/// base's own perplexity and likeliest tokens come from the rounded numbers too.
/// </summary>
public sealed unsafe class RecordedLogits : IBaseLogits, IDisposable
{
    private readonly FileStream stream;
    private readonly RecordedLogitsLayout layout;
    private readonly byte[] row;
    private readonly int[] tokens;

    private RecordedLogits(string path, FileStream stream, RecordedLogitsLayout layout, int[] tokens)
    {
        Path = path;
        this.stream = stream;
        this.layout = layout;
        this.tokens = tokens;
        row = new byte[layout.RowBytes];
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Tokens of a chunk.</summary>
    public int ContextLength => layout.ContextLength;

    /// <inheritdoc/>
    public int VocabularySize => layout.VocabularySize;

    /// <summary>The number of chunks.</summary>
    public int ChunkCount => layout.ChunkCount;

    /// <summary>The tokens of all chunks, as the text has them.</summary>
    public ReadOnlyMemory<int> Tokens => tokens;

    /// <summary>Whether a file begins as such a file does.</summary>
    public static bool IsRecording(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1);
            Span<byte> start = stackalloc byte[RecordedLogitsLayout.Magic.Length];
            return stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length && start.SequenceEqual(RecordedLogitsLayout.Magic);
        }
        catch (Exception thrown) when (thrown is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Opens a file.</summary>
    /// <exception cref="CheckpointException">It cannot be read, or is no such file, or its sizes are not those that it says.</exception>
    public static RecordedLogits Open(string path)
    {
        FileStream? stream = null;
        try
        {
            stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1);
            RecordedLogitsLayout layout = ReadLayout(stream, path);
            return new RecordedLogits(path, stream, layout, ReadTokens(stream, layout, path));
        }
        catch (Exception thrown) when (thrown is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            stream?.Dispose();
            throw new CheckpointException(path, $"cannot be read: {thrown.Message.TrimEnd('.')}", thrown);
        }
        catch
        {
            stream?.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">The file has no such chunk.</exception>
    public void Begin(int chunk, ReadOnlySpan<int> tokens)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(chunk);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(chunk, ChunkCount);
        stream.Position = (long)layout.OffsetOf(chunk);
    }

    /// <inheritdoc/>
    /// <exception cref="CheckpointException">The file cannot be read any more, or a row holds no log-probabilities.</exception>
    public void Fill(WorkerPool pool, ReadOnlySpan<int> tokens, float* logits, Span<float> largest, Span<double> logSums)
    {
        for (int i = 0; i < tokens.Length; i++)
        {
            long position = stream.Position;
            try
            {
                stream.ReadExactly(row);
            }
            catch (IOException thrown)
            {
                throw new CheckpointException(Path, $"cannot be read at byte {position}: {thrown.Message.TrimEnd('.')}", thrown);
            }

            var values = new Span<float>(logits + ((nint)i * VocabularySize), VocabularySize);
            if (!RecordedRow.TryDecode(row, values, out largest[i]))
            {
                throw new CheckpointException(Path, $"holds at byte {position} a row that is none of log-probabilities");
            }

            logSums[i] = 0;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => stream.Dispose();

    private static RecordedLogitsLayout ReadLayout(FileStream stream, string path)
    {
        Span<byte> header = stackalloc byte[RecordedLogitsLayout.HeaderBytes];
        if (stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) < header.Length || !header.StartsWith(RecordedLogitsLayout.Magic))
        {
            throw new CheckpointException(path, "does not begin with _logits_ and three sizes where a file of recorded logits was expected");
        }

        int context = BinaryPrimitives.ReadInt32LittleEndian(header[8..]);
        int vocabulary = BinaryPrimitives.ReadInt32LittleEndian(header[12..]);
        int chunks = BinaryPrimitives.ReadInt32LittleEndian(header[16..]);
        Check(path, "tokens in a chunk", context, TextChunks.SmallestContextLength, RecordedLogitsLayout.SizeLimit);
        Check(path, "tokens in the vocabulary", vocabulary, 1, RecordedLogitsLayout.SizeLimit);
        Check(path, "chunks", chunks, 1, RecordedLogitsLayout.TokenLimit / context);
        var layout = new RecordedLogitsLayout(context, vocabulary, chunks);
        Int128 expected = layout.OffsetOf(chunks);
        return stream.Length == expected ? layout : throw new CheckpointException(
            path, $"has {stream.Length} bytes where {chunks} chunks of {context} tokens and a vocabulary of {vocabulary} take {expected}");
    }

    private static void Check(string path, string what, int found, int minimum, int maximum)
    {
        if (found < minimum || found > maximum)
        {
            throw new CheckpointException(path, $"says that there are {found} {what} where {minimum} to {maximum} were expected");
        }
    }

    private static int[] ReadTokens(FileStream stream, RecordedLogitsLayout layout, string path)
    {
        var tokens = new int[layout.ContextLength * layout.ChunkCount];
        stream.ReadExactly(MemoryMarshal.AsBytes(tokens.AsSpan()));
        foreach (int token in tokens)
        {
            if ((uint)token >= (uint)layout.VocabularySize)
            {
                throw new CheckpointException(path, $"holds the token {token}, which a vocabulary of {layout.VocabularySize} does not have");
            }
        }

        return tokens;
    }
}
