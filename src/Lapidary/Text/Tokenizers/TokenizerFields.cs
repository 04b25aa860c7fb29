using System.Text.Json;
using Lapidary.Checkpoints;

namespace Lapidary.Text.Tokenizers;

/// <summary>The members of an object of <c>tokenizer.json</c>, with errors that name them.</summary>
/// <param name="path">The file.</param>
/// <param name="what">What the object is.</param>
/// <param name="fields">The members.</param>
/// <param name="prefix">What the names of the members begin with in <paramref name="fields"/>.</param>
internal sealed class TokenizerFields(string path, string what, IReadOnlyDictionary<string, JsonElement> fields, string prefix)
{
    /// <summary>The members of an object.</summary>
    public TokenizerFields(string path, string what, JsonElement value)
        : this(path, what, Members(path, what, value), string.Empty)
    {
    }

    /// <summary>The file.</summary>
    public string Path => path;

    /// <summary>What the object is.</summary>
    public string What => what;

    /// <summary>A member that is neither missing nor null.</summary>
    public JsonElement? this[string name] =>
        fields.TryGetValue(prefix + name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>A text, or null.</summary>
    public string? Text(string name) => this[name] is not JsonElement value ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : throw Unexpected(name, value, "a text");

    /// <summary>A text that must be there.</summary>
    public string NeededText(string name) => Text(name) ?? throw new CheckpointException(path, $"has a {what} without {name}");

    /// <summary>True or false; false where it is missing.</summary>
    public bool Flag(string name) => this[name] is JsonElement value && (value.ValueKind is JsonValueKind.True or JsonValueKind.False
        ? value.GetBoolean()
        : throw Unexpected(name, value, "true or false"));

    /// <summary>A whole number that is not negative; 0 where it is missing.</summary>
    public int Number(string name) => this[name] is not JsonElement value ? 0
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) && number >= 0 ? number
        : throw Unexpected(name, value, "a whole number that is not negative");

    /// <summary>The items of an array; none where it is missing.</summary>
    public IReadOnlyList<JsonElement> Items(string name) => this[name] is not JsonElement value ? []
        : value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()]
        : throw Unexpected(name, value, "an array");

    /// <summary>An object, or null.</summary>
    public TokenizerFields? Object(string name) => this[name] is JsonElement value ? new TokenizerFields(path, name, value) : null;

    /// <summary>Throws unless a text is the one that is supported.</summary>
    public void Require(string name, string expected)
    {
        if (Text(name) is string found && found != expected)
        {
            throw new CheckpointException(path, $"has a {what} of {name} \"{found}\" where only \"{expected}\" is supported");
        }
    }

    /// <summary>Throws unless a member is missing, null, empty or 0.</summary>
    public void RequireNone(string name)
    {
        if (this[name] is JsonElement value && !(value.ValueKind == JsonValueKind.String && value.GetString()!.Length == 0)
            && !(value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && number == 0))
        {
            throw new CheckpointException(path, $"has a {what} with {name} {JsonFile.Describe(value)}, which is not supported");
        }
    }

    /// <summary>An error about a kind that is not supported.</summary>
    public CheckpointException Unsupported(string kind) =>
        new(path, $"has a {what} of type \"{kind}\", which no Gemma tokenizer has and which is not supported");

    /// <summary>An error about a value of the wrong type.</summary>
    public CheckpointException Unexpected(string name, JsonElement value, string expected) =>
        new(path, $"has a {what} whose {name} is {JsonFile.Describe(value)} where {expected} was expected");

    private static Dictionary<string, JsonElement> Members(string path, string what, JsonElement value) =>
        value.ValueKind == JsonValueKind.Object
            ? value.EnumerateObject().ToDictionary(member => member.Name, member => member.Value, StringComparer.Ordinal)
            : throw new CheckpointException(path, $"has {JsonFile.Describe(value)} as {what} where an object was expected");
}
