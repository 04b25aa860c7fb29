using Lapidary.Cli.CommandLine;

namespace Lapidary.Cli.Commands.Texts;

/// <summary>The texts of some files, one after the other, without ever holding more than a part of a file.</summary>
internal sealed class TextSource
{
    private readonly IReadOnlyList<string> paths;
    private long finishedBytes;
    private Stream? current;

    /// <summary>Looks whether the files are there and of a kind that is known.</summary>
    /// <exception cref="RequestException">One is not.</exception>
    public TextSource(IReadOnlyList<string> paths)
    {
        this.paths = paths;
        foreach (string path in paths)
        {
            if (!File.Exists(path))
            {
                throw RequestException.Expected(path, "a file with texts", Directory.Exists(path) ? "a folder" : "no such file");
            }

            if (!IsPlain(path) && !IsJson(path))
            {
                throw RequestException.Expected(path, "a .txt, .jsonl or .json file", Quote.Text(Path.GetExtension(path)));
            }

            ByteCount += new FileInfo(path).Length;
        }
    }

    /// <summary>Bytes of all files.</summary>
    public long ByteCount { get; }

    /// <summary>Bytes of them that were read.</summary>
    public long BytesRead => finishedBytes + (current is { CanSeek: true } stream ? stream.Position : 0);

    /// <summary>Reads the texts.</summary>
    /// <exception cref="RequestException">A file has another form, or no text.</exception>
    public IEnumerable<string> Read()
    {
        foreach (string path in paths)
        {
            using FileStream stream = Open(path);
            current = stream;
            bool any = false;
            foreach (string text in IsPlain(path) ? PlainTexts.Read(stream, path) : new JsonTexts(stream, path).Read())
            {
                any = true;
                yield return text;
            }

            if (!any)
            {
                throw RequestException.Expected(
                    path, IsPlain(path) ? "text" : "rows with one of " + string.Join(", ", JsonTexts.Columns), "none");
            }

            finishedBytes = BytesRead;
            current = null;
        }
    }

    private static bool IsPlain(string path) => path.EndsWith(".txt", StringComparison.OrdinalIgnoreCase);

    private static bool IsJson(string path) =>
        path.EndsWith(".jsonl", StringComparison.OrdinalIgnoreCase) || path.EndsWith(".json", StringComparison.OrdinalIgnoreCase);

    private static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1);
        }
        catch (UnauthorizedAccessException)
        {
            throw RequestException.Expected(path, "a file that can be read", "one that may not");
        }
    }
}
