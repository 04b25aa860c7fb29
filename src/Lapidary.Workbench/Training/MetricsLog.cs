using System.Buffers;
using System.Text.Json;
using Lapidary.Checkpoints;

namespace Lapidary.Workbench.Training;

/// <summary>
/// <c>metrics.jsonl</c> of a run: one JSON object a line, appended as training goes. A line goes to the system at once, so that a killed
/// process loses none; <see cref="Flush"/> takes them to the disk and belongs before a checkpoint is saved.
/// </summary>
public sealed class MetricsLog : IDisposable
{
    /// <summary>The name of the file in the folder of a run.</summary>
    public const string FileName = "metrics.jsonl";

    private readonly string path;
    private readonly FileStream stream;
    private readonly ArrayBufferWriter<byte> buffer = new();

    /// <summary>Opens the log of a run.</summary>
    /// <param name="runFolder">The folder of the run; made if it is not there.</param>
    /// <param name="resumeStep">
    /// The step of the checkpoint that the run goes on from: what was measured after it is dropped, and with it a torn last line, so that
    /// the file tells one story. Null begins a new file.
    /// </param>
    /// <exception cref="CheckpointException">The file cannot be read or written.</exception>
    public MetricsLog(string runFolder, long? resumeStep)
    {
        path = Path.Combine(runFolder, FileName);
        stream = Guard(() =>
        {
            Directory.CreateDirectory(runFolder);
            if (resumeStep is long step && File.Exists(path))
            {
                CutBack(step);
                return new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 1);
            }

            return new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 1);
        });
    }

    /// <summary>Reads the entries of a log. Lines that are none of them, a torn last one too, are passed over.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="CheckpointException">It cannot be read.</exception>
    public static IEnumerable<MetricsEntry> Read(string path) =>
        MetricsReader.Lines(path).Where(line => line.Entry is not null).Select(line => line.Entry!);

    /// <summary>Appends an entry.</summary>
    /// <exception cref="CheckpointException">The file cannot be written.</exception>
    public void Write(MetricsEntry entry)
    {
        buffer.Clear();
        using (var json = new Utf8JsonWriter(buffer))
        {
            MetricsLine.Write(json, entry);
        }

        buffer.Write("\n"u8);
        Guard(() =>
        {
            // One call for the whole line: another process that reads sees all of it or nothing.
            stream.Write(buffer.WrittenSpan);
            return true;
        });
    }

    /// <summary>Takes all lines to the disk.</summary>
    /// <exception cref="CheckpointException">The file cannot be written.</exception>
    public void Flush() => Guard(() =>
    {
        stream.Flush(flushToDisk: true);
        return true;
    });

    /// <summary>Closes the file.</summary>
    public void Dispose() => stream.Dispose();

    // A new file and a rename: a process that is killed here leaves the old log or the new one.
    private void CutBack(long step)
    {
        string temporary = Path.Combine(Path.GetDirectoryName(path)!, $".{FileName}.tmp");
        try
        {
            using (var kept = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16))
            {
                foreach ((ReadOnlyMemory<byte> line, MetricsEntry? entry) in MetricsReader.Lines(path))
                {
                    if (entry is not null && entry.Step <= step)
                    {
                        kept.Write(line.Span);
                        kept.WriteByte((byte)'\n');
                    }
                }

                kept.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private T Guard<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (IOException thrown) when (thrown is not (DirectoryNotFoundException or PathTooLongException))
        {
            throw new CheckpointWriteException(path, $"cannot be written: {thrown.Message.TrimEnd('.')}", thrown);
        }
        catch (Exception thrown) when (thrown is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(path, $"cannot be written: {thrown.Message.TrimEnd('.')}", thrown);
        }
    }
}
