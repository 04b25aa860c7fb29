using System.Text;
using System.Text.Json.Nodes;
using System.Text.Unicode;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Lapidary.Checkpoints;

/// <summary>
/// Reads what stands between two lines of <c>---</c> at the begin of a model card: YAML, of which every scalar is taken as text, so that the
/// language <c>no</c> stays what it is. Size, depth and number of values are bounded.
/// </summary>
public sealed class FrontMatter
{
    private const int Longest = 1 << 20;
    private const int Deepest = 16;
    private const int MostValues = 100_000;
    private const string Fence = "---";

    private readonly Parser parser;
    private readonly string path;
    private int values;

    private FrontMatter(Parser parser, string path)
    {
        this.parser = parser;
        this.path = path;
    }

    /// <summary>Reads the front matter of a file.</summary>
    /// <returns>The mapping; empty where there is no file or no front matter in it.</returns>
    /// <exception cref="CheckpointException">The file cannot be read, or its front matter is not a mapping in YAML.</exception>
    public static JsonObject Read(string path)
    {
        if (!File.Exists(path))
        {
            return [];
        }

        byte[] content = InputFile.Read(path, JsonFile.SizeLimit);
        return Utf8.IsValid(content)
            ? Parse(Encoding.UTF8.GetString(content), path)
            : throw new CheckpointException(path, "is not valid UTF-8 where a model card was expected");
    }

    /// <summary>Reads the front matter of a text.</summary>
    public static JsonObject Parse(string text, string path)
    {
        if (Cut(text) is not string yaml)
        {
            return [];
        }

        if (yaml.Length > Longest)
        {
            throw new CheckpointException(path, $"has front matter of {yaml.Length} characters where at most {Longest} were expected");
        }

        // YAML has no control characters but these; the parser takes a zero for the end of the text.
        if (yaml.Any(character => char.IsControl(character) && character is not ('\t' or '\n' or '\r' or '\x85')))
        {
            throw new CheckpointException(path, "has a control character in its front matter, which YAML does not allow");
        }

        try
        {
            // A tabulator is no indentation in YAML, but cards have them.
            var parser = new Parser(new StringReader(yaml.Replace("\t", "  ", StringComparison.Ordinal)));
            return new FrontMatter(parser, path).ReadDocument();
        }
        catch (YamlException thrown)
        {
            // The first line of the text is the fence.
            throw new CheckpointException(path, $"has front matter that is not YAML (line {thrown.Start.Line + 1})", thrown);
        }
        catch (Exception thrown) when (thrown is EndOfStreamException or ArgumentException or InvalidOperationException or FormatException or OverflowException)
        {
            // The parser lets some of what its own checks miss through to .NET, such as escapes beyond Unicode.
            throw new CheckpointException(path, "has front matter that is not YAML", thrown);
        }
    }

    private static string? Cut(string text)
    {
        string[] lines = text.TrimStart('\uFEFF').ReplaceLineEndings("\n").Split('\n');
        int end = lines[0] == Fence ? Array.IndexOf(lines, Fence, 1) : -1;
        return end < 0 ? null : string.Join('\n', lines[1..end]) + "\n";
    }

    private JsonObject ReadDocument()
    {
        parser.Consume<StreamStart>();
        if (!parser.TryConsume<DocumentStart>(out _))
        {
            return [];
        }

        JsonNode? root = ReadValue(0);
        parser.Consume<DocumentEnd>();
        parser.Consume<StreamEnd>();
        return root switch
        {
            null => [],
            JsonObject map => map,
            _ => throw new CheckpointException(path, "has front matter that is not a mapping"),
        };
    }

    private JsonNode? ReadValue(int depth)
    {
        if (depth > Deepest || ++values > MostValues)
        {
            throw new CheckpointException(
                path, depth > Deepest ? $"has front matter that nests more than {Deepest} deep" : $"has more than {MostValues} values in its front matter");
        }

        switch (parser.Consume<ParsingEvent>())
        {
            case Scalar { Style: ScalarStyle.Plain, Value: "" or "~" or "null" }:
                return null;
            case Scalar scalar:
                return JsonValue.Create(scalar.Value);
            case SequenceStart:
                var items = new JsonArray();
                while (!parser.TryConsume<SequenceEnd>(out _))
                {
                    items.Add(ReadValue(depth + 1));
                }

                return items;
            case MappingStart:
                var entries = new JsonObject();
                while (!parser.TryConsume<MappingEnd>(out _))
                {
                    if (!parser.TryConsume<Scalar>(out Scalar? key))
                    {
                        throw new CheckpointException(path, "has a key in its front matter that is not a text");
                    }

                    entries[key.Value] = ReadValue(depth + 1);
                }

                return entries;
            default:
                throw new CheckpointException(path, "has an alias in its front matter, which is not read");
        }
    }
}
