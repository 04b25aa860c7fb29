using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lapidary.Cli.CommandLine;

namespace Lapidary.Cli.Commands.Evaluation;

/// <summary>Settings of generation as the harness takes them: <c>temperature=0.7,top_p=0.9</c>, or a JSON object.</summary>
internal static class GenerationArguments
{
    /// <summary>The settings by name; empty where there is no text.</summary>
    /// <exception cref="RequestException">The text is neither form.</exception>
    public static IReadOnlyDictionary<string, JsonNode?> Parse(string? text)
    {
        var arguments = new Dictionary<string, JsonNode?>(StringComparer.Ordinal);
        if (string.IsNullOrWhiteSpace(text))
        {
            return arguments;
        }

        if (text.TrimStart().StartsWith('{'))
        {
            foreach ((string key, JsonNode? value) in ParseObject(text))
            {
                arguments[key] = value?.DeepClone();
            }

            return arguments;
        }

        foreach (string part in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                throw RequestException.Expected("--gen-kwargs", "key=value,... or a JSON object", Quote.Text(part));
            }

            arguments[part[..equals].Trim()] = ParseValue(part[(equals + 1)..]);
        }

        return arguments;
    }

    private static JsonObject ParseObject(string text)
    {
        try
        {
            return JsonNode.Parse(text, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false })!.AsObject();
        }
        catch (JsonException)
        {
            throw RequestException.Expected("--gen-kwargs", "key=value,... or a JSON object", Quote.Text(text));
        }
    }

    // As the harness reads them: truth values, numbers, otherwise text.
    private static JsonValue ParseValue(string text)
    {
        string trimmed = text.Trim();
        if (trimmed.Equals("true", StringComparison.OrdinalIgnoreCase) || trimmed.Equals("false", StringComparison.OrdinalIgnoreCase))
        {
            return JsonValue.Create(trimmed.Equals("true", StringComparison.OrdinalIgnoreCase));
        }

        return long.TryParse(trimmed, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole) ? JsonValue.Create(whole)
            : double.TryParse(trimmed, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) ? JsonValue.Create(number)
            : JsonValue.Create(text);
    }
}
