using System.Text.Json;
using System.Text.Json.Nodes;
using Lapidary.Checkpoints;

namespace Lapidary.Workbench.Training;

/// <summary>The members of a JSON object that came from a file; what is missing or of another kind is one sentence.</summary>
internal sealed class StateFields
{
    private readonly JsonObject root;
    private readonly string path;

    private StateFields(JsonObject root, string path)
    {
        this.root = root;
        this.path = path;
    }

    /// <summary>Parses an object and walks through all of it, so that nothing can fail later.</summary>
    /// <exception cref="CheckpointException">It is no JSON object, nested too deep, has a name twice or text that is not Unicode.</exception>
    public static StateFields Parse(ReadOnlySpan<byte> content, string path)
    {
        if (content.IsEmpty)
        {
            throw new CheckpointException(path, "is empty where a JSON object was expected");
        }

        try
        {
            var reader = new Utf8JsonReader(content, new JsonReaderOptions { MaxDepth = 32 });
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
                {
                    _ = reader.GetString();
                }
            }

            var options = new JsonDocumentOptions { MaxDepth = 32, AllowDuplicateProperties = false };
            return JsonNode.Parse(content, null, options) is JsonObject root
                ? new StateFields(root, path)
                : throw new CheckpointException(path, "holds something else where a JSON object was expected");
        }
        catch (JsonException thrown)
        {
            throw new CheckpointException(path, "is not valid JSON: it is damaged or not a file of this program", thrown);
        }
        catch (InvalidOperationException thrown)
        {
            throw new CheckpointException(path, "holds text that is not valid Unicode", thrown);
        }
    }

    /// <summary>A text.</summary>
    public string Text(string name) =>
        Get(name) is JsonValue value && value.TryGetValue(out string? text) ? text : throw Wrong(name, "text");

    /// <summary>A text, or null.</summary>
    public string? OptionalText(string name) => Get(name) switch
    {
        null => null,
        JsonValue value when value.TryGetValue(out string? text) => text,
        _ => throw Wrong(name, "text"),
    };

    /// <summary>Whether something is so.</summary>
    public bool Flag(string name) =>
        Get(name) is JsonValue value && value.TryGetValue(out bool flag) ? flag : throw Wrong(name, "true or false");

    /// <summary>A whole number of at least 0.</summary>
    public long Whole(string name) => OptionalWhole(name) ?? throw Wrong(name, "a whole number");

    /// <summary>A whole number of at least 0, or null.</summary>
    public long? OptionalWhole(string name) => Get(name) switch
    {
        null => null,
        JsonValue value when value.TryGetValue(out long number) && number >= 0 => number,
        _ => throw Wrong(name, "a whole number of at least 0"),
    };

    /// <summary>A whole number of 64 bits without sign.</summary>
    public ulong Unsigned(string name) =>
        Get(name) is JsonValue value && value.TryGetValue(out ulong number) ? number : throw Wrong(name, "a whole number of at least 0");

    /// <summary>A finite number, or null.</summary>
    public double? Number(string name) => Get(name) switch
    {
        null => null,
        JsonValue value when value.TryGetValue(out double number) && double.IsFinite(number) => number,
        _ => throw Wrong(name, "a number"),
    };

    /// <summary>An object that no longer belongs to the document.</summary>
    public JsonObject Object(string name) =>
        Get(name) is JsonObject value ? (JsonObject)value.DeepClone() : throw Wrong(name, "an object");

    /// <summary>The objects of a list.</summary>
    public IEnumerable<StateFields> Objects(string name, int limit)
    {
        if (Get(name) is not JsonArray list || list.Count > limit || list.Any(item => item is not JsonObject))
        {
            throw Wrong(name, $"a list of at most {limit} objects");
        }

        return list.Select(item => new StateFields((JsonObject)item!, path));
    }

    private JsonNode? Get(string name) =>
        root.TryGetPropertyValue(name, out JsonNode? value) ? value : throw new CheckpointException(path, $"has no {name}");

    private CheckpointException Wrong(string name, string expected) => new(path, $"has {name} that is not {expected}");
}
