using Lapidary.Checkpoints;

namespace Lapidary.Workbench.Training;

/// <summary>Reads <c>metrics.jsonl</c> line by line, however long it is.</summary>
internal static class MetricsReader
{
    /// <summary>The entries and the bytes of their lines, without the line ends; a line that is none of ours has no entry.</summary>
    /// <exception cref="CheckpointException">The file cannot be read.</exception>
    public static IEnumerable<(ReadOnlyMemory<byte> Line, MetricsEntry? Entry)> Lines(string path)
    {
        using FileStream stream = Open(path);
        byte[] buffer = new byte[MetricsLine.LengthLimit];
        int filled = 0;
        bool overlong = false;
        while (true)
        {
            int read = Read(stream, buffer.AsSpan(filled), path);
            if (read == 0)
            {
                // What has no line end was torn off in the middle of writing.
                yield break;
            }

            filled += read;
            int start = 0;
            for (int end; (end = buffer.AsSpan(start, filled - start).IndexOf((byte)'\n')) >= 0; start += end + 1)
            {
                if (!overlong && end > 0)
                {
                    ReadOnlyMemory<byte> line = buffer.AsMemory(start, end);
                    yield return (line, MetricsLine.Parse(line.Span));
                }

                overlong = false;
            }

            filled -= start;
            buffer.AsSpan(start, filled).CopyTo(buffer);
            if (filled == buffer.Length)
            {
                overlong = true;
                filled = 0;
            }
        }
    }

    private static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 1);
        }
        catch (Exception thrown) when (thrown is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CheckpointException(path, "does not exist", thrown);
        }
        catch (Exception thrown) when (thrown is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(path, $"cannot be read: {thrown.Message.TrimEnd('.')}", thrown);
        }
    }

    private static int Read(FileStream stream, Span<byte> buffer, string path)
    {
        try
        {
            return stream.Read(buffer);
        }
        catch (IOException thrown)
        {
            throw new CheckpointException(path, $"cannot be read: {thrown.Message.TrimEnd('.')}", thrown);
        }
    }
}
