using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lapidary.Text.Jinja;

namespace Lapidary.Workbench.Evaluation.Tasks;

/// <summary>Values as Python writes them, and lists that are written so: the form in which the harness hands lists from template to task.</summary>
internal static class PythonLiteral
{
    private const int Deepest = 50;

    /// <summary>What <c>str</c> gives: a text as it is, all else as <c>repr</c> writes it.</summary>
    public static string TextOf(JsonNode? value)
    {
        if (value is JsonValue single && single.TryGetValue(out string? text))
        {
            return text;
        }

        var result = new StringBuilder();
        Append(result, value);
        return result.ToString();
    }

    /// <summary>Reads a list or a tuple of texts, numbers, truth values and lists.</summary>
    /// <returns>The list, or null where the text is none.</returns>
    public static JsonArray? ReadList(string text)
    {
        int at = 0;
        JsonNode? value = null;
        bool isRead = text.Length > 0 && text[0] is '[' or '(' && TryRead(text, ref at, 0, out value);
        SkipSpace(text, ref at);
        return isRead && at == text.Length ? value as JsonArray : null;
    }

    private static void Append(StringBuilder result, JsonNode? value)
    {
        switch (value)
        {
            case null:
                result.Append("None");
                break;
            case JsonArray items:
                result.Append('[');
                for (int i = 0; i < items.Count; i++)
                {
                    result.Append(i == 0 ? string.Empty : ", ");
                    Append(result, items[i]);
                }

                result.Append(']');
                break;
            case JsonObject entries:
                result.Append('{');
                bool isFirst = true;
                foreach ((string key, JsonNode? entry) in entries)
                {
                    result.Append(isFirst ? string.Empty : ", ");
                    AppendQuoted(result, key);
                    result.Append(": ");
                    Append(result, entry);
                    isFirst = false;
                }

                result.Append('}');
                break;
            default:
                AppendScalar(result, value.AsValue());
                break;
        }
    }

    private static void AppendScalar(StringBuilder result, JsonValue value)
    {
        switch (value.GetValueKind())
        {
            case JsonValueKind.String:
                AppendQuoted(result, value.GetValue<string>());
                break;
            case JsonValueKind.True or JsonValueKind.False:
                result.Append(value.GetValueKind() == JsonValueKind.True ? "True" : "False");
                break;
            default:
                // A double that was made in memory is a float even where JSON writes it without a point, and may be one that JSON has not.
                if (!value.TryGetValue(out JsonElement _) && value.TryGetValue(out double number))
                {
                    result.Append(PythonNumber.Format(number));
                    break;
                }

                string json = value.ToJsonString();
                bool isWhole = !json.AsSpan().ContainsAny('.', 'e', 'E');
                result.Append(!isWhole ? PythonNumber.Format(double.Parse(json, CultureInfo.InvariantCulture)) : json == "-0" ? "0" : json);
                break;
        }
    }

    private static void AppendQuoted(StringBuilder result, string text)
    {
        char quote = text.Contains('\'') && !text.Contains('"') ? '"' : '\'';
        result.Append(quote);
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            bool isPair = char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]);
            if (c == quote || c == '\\')
            {
                result.Append('\\').Append(c);
            }
            else if (c is '\n' or '\r' or '\t')
            {
                result.Append(c switch { '\n' => "\\n", '\r' => "\\r", _ => "\\t" });
            }
            else if (c == ' ' || IsPrintable(CharUnicodeInfo.GetUnicodeCategory(text, i)))
            {
                result.Append(text, i, isPair ? 2 : 1);
            }
            else
            {
                int point = isPair ? char.ConvertToUtf32(c, text[i + 1]) : c;
                result.Append(point > 0xFFFF ? $"\\U{point:x8}" : point > 0xFF ? $"\\u{point:x4}" : $"\\x{point:x2}");
            }

            i += isPair ? 1 : 0;
        }

        result.Append(quote);
    }

    private static bool IsPrintable(UnicodeCategory category) => category is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.SpaceSeparator);

    private static void SkipSpace(string text, ref int at)
    {
        while (at < text.Length && text[at] is ' ' or '\n' or '\t' or '\r')
        {
            at++;
        }
    }

    private static bool TryRead(string text, ref int at, int depth, out JsonNode? value)
    {
        value = null;
        SkipSpace(text, ref at);
        if (at >= text.Length || depth > Deepest)
        {
            return false;
        }

        char c = text[at];
        if (c is '[' or '(')
        {
            return TryReadItems(text, ref at, depth, out value);
        }

        if (c is '\'' or '"')
        {
            return TryReadText(text, ref at, out value);
        }

        int from = at;
        while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] is '+' or '-' or '.' or '_'))
        {
            at++;
        }

        string word = text[from..at];
        switch (word)
        {
            case "True" or "False":
                value = JsonValue.Create(word == "True");
                return true;
            case "None":
                return true;
        }

        if (long.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole))
        {
            value = JsonValue.Create(whole);
            return true;
        }

        bool isNumber = double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number);
        value = isNumber ? JsonValue.Create(number) : null;
        return isNumber;
    }

    private static bool TryReadItems(string text, ref int at, int depth, out JsonNode? value)
    {
        char close = text[at++] == '[' ? ']' : ')';
        var items = new JsonArray();
        value = items;
        while (true)
        {
            SkipSpace(text, ref at);
            if (at < text.Length && text[at] == close)
            {
                at++;
                return true;
            }

            if (!TryRead(text, ref at, depth + 1, out JsonNode? item))
            {
                return false;
            }

            items.Add(item);
            SkipSpace(text, ref at);
            if (at < text.Length && text[at] == ',')
            {
                at++;
            }
            else if (at >= text.Length || text[at] != close)
            {
                return false;
            }
        }
    }

    private static bool TryReadText(string text, ref int at, out JsonNode? value)
    {
        value = null;
        char quote = text[at++];
        var result = new StringBuilder();
        while (at < text.Length && text[at] != quote)
        {
            char c = text[at++];
            if (c == '\n')
            {
                return false;
            }

            if (c != '\\')
            {
                result.Append(c);
            }
            else if (at == text.Length || !TryReadEscape(text, ref at, result))
            {
                return false;
            }
        }

        value = JsonValue.Create(result.ToString());
        return at++ < text.Length;
    }

    private static bool TryReadEscape(string text, ref int at, StringBuilder result)
    {
        char kind = text[at++];
        int digits = kind switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
        if (digits > 0)
        {
            if (at + digits > text.Length
                || !uint.TryParse(text.AsSpan(at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint point)
                || point > 0x10FFFF)
            {
                return false;
            }

            at += digits;
            _ = point > 0xFFFF ? result.Append(char.ConvertFromUtf32((int)point)) : result.Append((char)point);
            return true;
        }

        if (kind is >= '0' and <= '7')
        {
            int code = kind - '0';
            for (int i = 0; i < 2 && at < text.Length && text[at] is >= '0' and <= '7'; i++)
            {
                code = (code * 8) + text[at++] - '0';
            }

            result.Append((char)code);
            return true;
        }

        _ = kind switch
        {
            'n' => result.Append('\n'),
            't' => result.Append('\t'),
            'r' => result.Append('\r'),
            'a' => result.Append('\a'),
            'b' => result.Append('\b'),
            'f' => result.Append('\f'),
            'v' => result.Append('\v'),
            '\\' or '\'' or '"' => result.Append(kind),
            '\n' => result,
            _ => result.Append('\\').Append(kind),
        };
        return true;
    }
}
