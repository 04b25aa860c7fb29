using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;
using Lapidary.Checkpoints;

namespace Lapidary.Workbench.Compression;

/// <summary>
/// The form of an importance matrix that llama.cpp wrote before GGUF, mostly named imatrix.dat: a count of entries, each with its name, the
/// calls (chunks) behind it and the mean square of each column times the calls; then, in later files, the chunks and the name of the text.
/// </summary>
internal static class LegacyImportanceFile
{
    // A count of entries; of an entry the length of the name, a letter, the calls, the count of values and one value.
    private const int LeastEntry = 4 + 1 + 4 + 4 + 4;
    private const long FileLimit = 1L << 30;
    private const int NameLimit = 65535;

    /// <summary>Reads a file.</summary>
    /// <exception cref="CheckpointException">It cannot be read or is none.</exception>
    public static ImportanceMatrix Read(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1);
            if (stream.Length > FileLimit)
            {
                throw new CheckpointException(path, $"has {stream.Length} bytes where an importance matrix of at most {FileLimit} was expected");
            }

            var content = new byte[stream.Length];
            stream.ReadExactly(content);
            return Parse(content, path);
        }
        catch (Exception thrown) when (thrown is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new CheckpointException(path, $"cannot be read: {thrown.Message.TrimEnd('.')}", thrown);
        }
    }

    /// <summary>Parses the content of a file.</summary>
    /// <param name="content">All of it.</param>
    /// <param name="path">Named in errors.</param>
    /// <exception cref="CheckpointException">It is none.</exception>
    public static ImportanceMatrix Parse(ReadOnlySpan<byte> content, string path)
    {
        var reader = new Reader(content, path);
        int count = reader.Integer("number of entries", 1, (content.Length - 4) / LeastEntry);
        var entries = new Dictionary<string, ImportanceEntry>(StringComparer.Ordinal);
        for (int i = 0; i < count; i++)
        {
            string name = reader.Text("name of an entry", 1);
            long calls = reader.Integer("number of calls", 0, int.MaxValue);
            float[] sums = reader.Floats();

            // Without calls the values are the means themselves.
            if (!entries.TryAdd(name, ImportanceMatrix.EntryFromFile(path, name, sums, [Math.Max(1, calls)])))
            {
                throw new CheckpointException(path, $"has two entries for {name}");
            }
        }

        int chunks = 0;
        string[] datasets = [];
        if (!reader.IsAtEnd)
        {
            chunks = reader.Integer("number of chunks", 0, int.MaxValue);
            datasets = reader.IsAtEnd ? [] : reader.Text("name of the text", 0) is { Length: > 0 } dataset ? [dataset] : [];
        }

        reader.End();
        return ImportanceMatrix.FromFile(path, entries.Values, chunkSize: 0, chunks, datasets);
    }

    private ref struct Reader(ReadOnlySpan<byte> content, string path)
    {
        private readonly ReadOnlySpan<byte> content = content;
        private readonly string path = path;
        private int position;

        public readonly bool IsAtEnd => position == content.Length;

        public int Integer(string what, int minimum, long maximum)
        {
            int value = BinaryPrimitives.ReadInt32LittleEndian(Take(what, 4));
            return value >= minimum && value <= maximum ? value : throw Fail(position - 4, $"gives {value} as the {what}");
        }

        public string Text(string what, int minimum)
        {
            int length = Integer($"length of the {what}", minimum, Math.Min(NameLimit, content.Length - position - 4));
            ReadOnlySpan<byte> text = Take(what, length);
            return Utf8.IsValid(text) ? Encoding.UTF8.GetString(text) : throw Fail(position - length, $"has a {what} that is not valid UTF-8");
        }

        public float[] Floats()
        {
            int count = Integer("number of values", 1, (content.Length - position - 4) / sizeof(float));
            ReadOnlySpan<byte> bytes = Take("values", count * sizeof(float));
            return MemoryMarshal.Cast<byte, float>(bytes).ToArray();
        }

        public readonly void End()
        {
            if (!IsAtEnd)
            {
                throw Fail(position, $"has {content.Length - position} bytes behind its end");
            }
        }

        private ReadOnlySpan<byte> Take(string what, int count)
        {
            if (count > content.Length - position)
            {
                throw Fail(position, $"ends inside the {what}");
            }

            position += count;
            return content.Slice(position - count, count);
        }

        private readonly CheckpointException Fail(int offset, string fact) =>
            new(path, $"is no importance matrix: not a GGUF file, and as one of llama.cpp's older form it {fact} (at byte {offset})");
    }
}
