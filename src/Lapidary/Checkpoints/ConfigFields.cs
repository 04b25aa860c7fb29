using System.Text.Json;

namespace Lapidary.Checkpoints;

/// <summary>
/// The fields of an object of <c>config.json</c> or <c>adapter_config.json</c>. JSON null counts as absent, as in
/// transformers. Every error names the field.
/// </summary>
internal readonly struct ConfigFields(JsonElement element, string path, string prefix)
{
    /// <summary>Whether the field is there and not null.</summary>
    public bool Has(string name) => Find(name) is not null;

    /// <summary>The field, or null.</summary>
    public JsonElement? Find(string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>A nested object, or null.</summary>
    public ConfigFields? FindObject(string name)
    {
        if (Find(name) is not JsonElement value)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Object
            ? new ConfigFields(value, path, $"{prefix}{name}.")
            : throw Wrong(name, value, "an object");
    }

    /// <summary>A whole number, or null.</summary>
    public int? FindInteger(string name) => Find(name) is JsonElement value ? ToInteger(name, value) : null;

    /// <summary>A whole number that may be absent only if a default is given.</summary>
    public int Integer(string name, int? otherwise) => FindInteger(name) ?? otherwise ?? throw Missing(name);

    /// <summary>A finite number, or null.</summary>
    public double? FindNumber(string name)
    {
        if (Find(name) is not JsonElement value)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && double.IsFinite(number)
            ? number
            : throw Wrong(name, value, "a finite number");
    }

    /// <summary>True or false.</summary>
    public bool Boolean(string name, bool otherwise) => Find(name) switch
    {
        null => otherwise,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        JsonElement other => throw Wrong(name, other, "true or false"),
    };

    /// <summary>A text, or null.</summary>
    public string? FindText(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        JsonElement other => throw Wrong(name, other, "a text"),
    };

    /// <summary>The texts of an array of at most <paramref name="limit"/>, or null.</summary>
    public string[]? FindTexts(string name, int limit)
    {
        if (Find(name) is not JsonElement value)
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() > limit)
        {
            throw Wrong(name, value, $"an array of at most {limit} texts");
        }

        var texts = new string[value.GetArrayLength()];
        int count = 0;
        foreach (JsonElement item in value.EnumerateArray())
        {
            texts[count++] = item.ValueKind == JsonValueKind.String ? item.GetString()! : throw Wrong(name, item, "a text in each place");
        }

        return texts;
    }

    /// <summary>A whole number or an array of up to 64 of them, or null.</summary>
    public int[]? FindIntegers(string name)
    {
        if (Find(name) is not JsonElement value)
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.Array)
        {
            return [ToInteger(name, value)];
        }

        if (value.GetArrayLength() is 0 or > 64)
        {
            throw Wrong(name, value, "1 to 64 whole numbers");
        }

        var numbers = new int[value.GetArrayLength()];
        int count = 0;
        foreach (JsonElement item in value.EnumerateArray())
        {
            numbers[count++] = ToInteger(name, item);
        }

        return numbers;
    }

    /// <summary>The error for a field that is not there.</summary>
    public CheckpointException Missing(string name) => new(path, $"has no field {prefix}{name}");

    /// <summary>The error for a field with a wrong value.</summary>
    public CheckpointException Wrong(string name, JsonElement found, string expected) =>
        new(path, $"{prefix}{name} is {JsonFile.Describe(found)} where {expected} was expected");

    /// <summary>The error for a field with a value that is not supported.</summary>
    public CheckpointException Unsupported(string name, string found, string expected) =>
        new(path, $"{prefix}{name} is {found}, which is not supported; {expected} was expected");

    // Python writes 1e6 and 256.0 for whole numbers when somebody computed them.
    private int ToInteger(string name, JsonElement value) =>
        value.ValueKind == JsonValueKind.Number
            && value.TryGetDouble(out double number) && number == Math.Floor(number) && Math.Abs(number) <= int.MaxValue
            ? (int)number
            : throw Wrong(name, value, "a whole number below 2^31");
}
