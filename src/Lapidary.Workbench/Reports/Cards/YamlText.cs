using System.Text;
using System.Text.Json.Nodes;

namespace Lapidary.Workbench.Reports.Cards;

/// <summary>Data as YAML in the block style in which model cards have their front matter.</summary>
internal static class YamlText
{
    /// <summary>A mapping; members that are null are left out.</summary>
    public static string Of(JsonObject map)
    {
        var text = new StringBuilder();
        Map(text, map, 0);
        return text.ToString();
    }

    private static void Map(StringBuilder text, JsonObject map, int depth)
    {
        foreach ((string key, JsonNode? value) in map)
        {
            if (value is not null)
            {
                text.Append(' ', 2 * depth).Append(Scalar(key)).Append(':');
                Value(text, value, depth);
            }
        }
    }

    private static void Value(StringBuilder text, JsonNode value, int depth)
    {
        switch (value)
        {
            case JsonObject { Count: 0 }:
                text.Append(" {}\n");
                break;
            case JsonObject map:
                text.Append('\n');
                Map(text, map, depth + 1);
                break;
            case JsonArray { Count: 0 }:
                text.Append(" []\n");
                break;
            case JsonArray items:
                text.Append('\n');
                foreach (JsonNode? item in items)
                {
                    Item(text, item, depth);
                }

                break;
            default:
                text.Append(' ').Append(Scalar(value)).Append('\n');
                break;
        }
    }

    // The first member of a mapping stands on the line of the dash.
    private static void Item(StringBuilder text, JsonNode? item, int depth)
    {
        if (item is JsonObject { Count: > 0 } map)
        {
            var inner = new StringBuilder();
            Map(inner, map, depth + 1);
            text.Append(' ', 2 * depth).Append("- ").Append(inner.ToString().AsSpan(2 * (depth + 1)));
            return;
        }

        text.Append(' ', 2 * depth).Append("- ").Append(item is null ? "null" : Scalar(item)).Append('\n');
    }

    private static string Scalar(JsonNode value) =>
        value is JsonValue scalar && scalar.TryGetValue(out string? text) ? Scalar(text) : value.ToJsonString();

    // Whatever could be read as something else than this text stands in quotes, as JSON has them, which YAML reads.
    private static string Scalar(string text)
    {
        bool isPlain = text.Length > 0
            && (char.IsAsciiLetter(text[0]) || text[0] is '/' or '_')
            && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '/' or ' ' or '+' or '(' or ')')
            && !text.EndsWith(' ')
            && text.ToLowerInvariant() is not ("null" or "true" or "false" or "yes" or "no" or "on" or "off" or "y" or "n");
        return isPlain ? text : JsonValue.Create(text).ToJsonString();
    }
}
