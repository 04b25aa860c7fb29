using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Lapidary.Checkpoints;
using Lapidary.Workbench.Evaluation.Requests;
using Lapidary.Workbench.Evaluation.Tasks;

namespace Lapidary.Workbench.Evaluation.Running;

/// <summary>
/// Responses that are there already, in a file of lines of JSON that only ever grows. A response goes to the system at once, so that a
/// killed process loses none; a torn last line is dropped when the file is opened again. A file that holds anything else is left as it is:
/// it may be somebody's work that was named by mistake. Numbers are kept to the last bit.
/// </summary>
/// <remarks>
/// Each line is <c>{"key":…,"ll":…,"greedy":…}</c>, <c>{"key":…,"ll":…}</c> or <c>{"key":…,"text":…}</c>; a key is a hash of the request and
/// of all that the response depends on.
/// </remarks>
internal sealed class RequestCache : IDisposable
{
    // A generated text is bounded by the context; this leaves room for one of 100,000 tokens, escaped.
    private const int MaxLineLength = 16 << 20;

    // About two gigabytes of memory.
    private const int MaxEntries = 16_000_000;

    private static ReadOnlySpan<byte> LineBegin => "{\"key\":\""u8;

    private readonly string path;
    private readonly Dictionary<string, EvaluationResponse> entries = new(StringComparer.Ordinal);
    private readonly FileStream stream;
    private readonly ArrayBufferWriter<byte> buffer = new();

    /// <summary>Opens the file, or makes it.</summary>
    /// <exception cref="CheckpointException">
    /// It cannot be read or written, another process uses it, it holds something else than responses, or too many of them.
    /// </exception>
    public RequestCache(string path)
    {
        this.path = path;
        stream = Guard(() =>
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
        });
        try
        {
            long end = Guard(Load);
            Guard(() =>
            {
                // What follows the last good line was torn; new lines begin there.
                stream.SetLength(end);
                stream.Position = end;
                return true;
            });
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Responses that are there.</summary>
    public int Count => entries.Count;

    /// <summary>Finds the response with a key.</summary>
    public bool TryGet(string key, out EvaluationResponse response) => entries.TryGetValue(key, out response);

    /// <summary>Keeps a response.</summary>
    /// <exception cref="CheckpointWriteException">The file cannot be written.</exception>
    public void Add(string key, EvaluationRequest request, EvaluationResponse response)
    {
        if (!entries.TryAdd(key, response))
        {
            return;
        }

        buffer.Clear();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("key", key);
            if (response.Text is { } text)
            {
                json.WriteString("text", text);
            }
            else
            {
                json.WriteNumber("ll", response.LogLikelihood);
                if (request is LikelihoodRequest)
                {
                    json.WriteBoolean("greedy", response.IsGreedy);
                }
            }

            json.WriteEndObject();
        }

        buffer.Write("\n"u8);

        // One call for the whole line.
        Keep(() => stream.Write(buffer.WrittenSpan));
    }

    /// <summary>Takes all lines to the disk.</summary>
    /// <exception cref="CheckpointWriteException">The file cannot be written.</exception>
    public void Flush() => Keep(() => stream.Flush(flushToDisk: true));

    /// <summary>Closes the file.</summary>
    public void Dispose() => stream.Dispose();

    /// <summary>One line; null where it is none.</summary>
    internal static (string Key, EvaluationResponse Response)? Parse(ReadOnlySpan<byte> line)
    {
        try
        {
            var json = new Utf8JsonReader(line, new JsonReaderOptions { MaxDepth = 1 });
            string? key = null, text = null;
            double? likelihood = null;
            bool greedy = false;
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
            {
                return null;
            }

            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                string? name = json.GetString();
                json.Read();
                switch (name)
                {
                    case "key": key = json.GetString(); break;
                    case "text": text = json.GetString(); break;
                    case "ll": likelihood = json.GetDouble(); break;
                    case "greedy": greedy = json.GetBoolean(); break;
                    default: return null;
                }
            }

            if (json.TokenType != JsonTokenType.EndObject || json.Read() || key is not { Length: 64 } || (text is null) == (likelihood is null)
                || likelihood is { } number && !double.IsFinite(number))
            {
                return null;
            }

            return (key, text is not null
                ? EvaluationResponse.FromText(text)
                : EvaluationResponse.FromLikelihood(new LikelihoodResponse(likelihood!.Value, greedy)));
        }
        catch (Exception thrown) when (thrown is JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    // Reads all lines; gives the length of those that are whole.
    private long Load()
    {
        long end = 0;
        int line = 1;
        byte[] bytes = new byte[1 << 16];
        int held = 0;
        stream.Position = 0;
        while (true)
        {
            if (held == bytes.Length)
            {
                Array.Resize(ref bytes, held < MaxLineLength ? held * 2 : throw Foreign(line));
            }

            int read = stream.Read(bytes, held, bytes.Length - held);
            if (read == 0)
            {
                return IsTorn(bytes.AsSpan(0, held)) ? end : throw Foreign(line);
            }

            held += read;
            int start = 0;
            for (int length; (length = bytes.AsSpan(start, held - start).IndexOf((byte)'\n')) >= 0; start += length + 1)
            {
                (string key, EvaluationResponse response) = Parse(bytes.AsSpan(start, length)) ?? throw Foreign(line);
                Remember(key, response);
                end += length + 1;
                line++;
            }

            bytes.AsSpan(start, held - start).CopyTo(bytes);
            held -= start;
        }
    }

    // What a process or a machine that stopped leaves of a line: its beginning, or zeros where the bytes never reached the disk.
    private static bool IsTorn(ReadOnlySpan<byte> rest)
    {
        ReadOnlySpan<byte> begin = LineBegin;
        int length = Math.Min(rest.Length, begin.Length);
        return rest[..length].SequenceEqual(begin[..length]) || rest.IndexOfAnyExcept((byte)0) < 0;
    }

    private CheckpointException Foreign(int line) => new(path, string.Create(
        CultureInfo.InvariantCulture,
        $"line {line} is something else than a response that was kept; the file is left as it is: remove it, or name another one with --cache"));

    private void Remember(string key, EvaluationResponse response)
    {
        if (entries.Count >= MaxEntries)
        {
            throw new CheckpointException(
                path, string.Create(CultureInfo.InvariantCulture, $"holds more than {MaxEntries} responses; remove it and begin anew"));
        }

        entries.TryAdd(key, response);
    }

    private void Keep(Action write)
    {
        try
        {
            write();
        }
        catch (IOException thrown)
        {
            throw new CheckpointWriteException(path, $"cannot be used to keep responses: {thrown.Message.TrimEnd('.')}", thrown);
        }
    }

    private T Guard<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception thrown) when (thrown is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(path, $"cannot be used to keep responses: {thrown.Message.TrimEnd('.')}", thrown);
        }
    }
}
