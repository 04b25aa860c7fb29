using System.Text.Json;

namespace Lapidary.Checkpoints;

/// <summary>
/// Reads JSON so that nothing later can fail: the whole document is checked for duplicate names, depth and text that is not Unicode
/// before anybody looks at it.
/// </summary>
internal static class JsonFile
{
    /// <summary>Far above any real configuration (tokenizers are read elsewhere), far below what would hurt.</summary>
    public const long SizeLimit = 16 * 1024 * 1024;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 32 };

    /// <summary>Reads the object in the file at <paramref name="path"/>.</summary>
    public static JsonElement Read(string path, long sizeLimit = SizeLimit) => ParseObject(InputFile.Read(path, sizeLimit), path);

    /// <summary>Reads the object in the file at <paramref name="path"/>, or gives null if there is no such file.</summary>
    public static JsonElement? ReadIfExists(string path) => File.Exists(path) || Directory.Exists(path) ? Read(path) : null;

    /// <summary>Parses an object.</summary>
    public static JsonElement ParseObject(ReadOnlyMemory<byte> content, string path)
    {
        if (content.IsEmpty)
        {
            throw new CheckpointException(path, "is empty where a JSON object was expected");
        }

        if (content.Span.StartsWith("\uFEFF"u8))
        {
            throw new CheckpointException(path, "begins with a byte order mark where a JSON object in plain UTF-8 was expected");
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(content, Options);
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                throw new CheckpointException(path, $"holds {Describe(root)} where a JSON object was expected");
            }

            Check(root, path);
            return root.Clone();
        }
        catch (JsonException thrown)
        {
            throw new CheckpointException(path, NotJson(thrown), thrown);
        }
        catch (InvalidOperationException thrown)
        {
            throw new CheckpointException(path, "holds text that is not valid Unicode", thrown);
        }
    }

    /// <summary>What is wrong with a text that is not JSON.</summary>
    public static string NotJson(JsonException thrown) =>
        thrown.LineNumber is long line && thrown.BytePositionInLine is long position
            ? $"is not valid JSON (line {line + 1}, byte {position + 1})"
            : "is not valid JSON";

    /// <summary>The kind of a value, as error messages say it.</summary>
    public static string Describe(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "the text \"" + Shorten(value.GetString()!) + "\"",
        JsonValueKind.Number => Shorten(value.GetRawText()),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Null => "null",
        _ => "nothing",
    };

    private static string Shorten(string text) => text.Length <= 60 ? text : string.Concat(text.AsSpan(0, 60), "...");

    // GetString and Name throw for lone surrogates and broken UTF-8; after this walk they cannot any more.
    private static void Check(JsonElement value, string path)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                var names = new HashSet<string>(StringComparer.Ordinal);
                foreach (JsonProperty property in value.EnumerateObject())
                {
                    if (!names.Add(property.Name))
                    {
                        throw new CheckpointException(path, $"has the key \"{Shorten(property.Name)}\" twice in one object");
                    }

                    Check(property.Value, path);
                }

                break;
            case JsonValueKind.Array:
                foreach (JsonElement item in value.EnumerateArray())
                {
                    Check(item, path);
                }

                break;
            case JsonValueKind.String:
                _ = value.GetString();
                break;
            default:
                break;
        }
    }
}
