using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lapidary.Text.Jinja;
using Lapidary.Workbench.Evaluation.Tasks;

namespace Lapidary.Workbench.Evaluation.Results;

/// <summary>
/// JSON values as Python writes them: <c>json.dumps</c> with <c>ensure_ascii=False</c>, and <c>str</c>. The hashes of documents and
/// targets in results files are those of these texts, so every byte counts.
/// </summary>
internal static class PythonText
{
    /// <summary><c>json.dumps(value, indent=2, ensure_ascii=False)</c>.</summary>
    public static string Indented(JsonNode? value)
    {
        var text = new StringBuilder();
        Dump(text, value, depth: 0);
        return text.ToString();
    }

    /// <summary><c>json.dumps(value, ensure_ascii=False)</c>: one line.</summary>
    public static string Line(JsonNode? value)
    {
        var text = new StringBuilder();
        Dump(text, value, depth: -1);
        return text.ToString();
    }

    /// <summary><c>str(value)</c>: a text as it is, everything else as its <c>repr</c>.</summary>
    public static string Str(JsonNode? value) => PythonLiteral.TextOf(value);

    /// <summary><c>repr</c> of a float: the shortest digits that read back the same, with an exponent below 1e-4 and from 1e16 on.</summary>
    public static string Float(double value) => PythonNumber.Format(value);

    /// <summary>A number as Python's <c>json</c> writes it after reading it: whole numbers stay whole, others are floats.</summary>
    public static string Number(JsonValue value)
    {
        if (value.TryGetValue(out JsonElement element))
        {
            string raw = element.GetRawText();
            return raw.AsSpan().IndexOfAny(".eE") >= 0 ? Float(element.GetDouble()) : raw == "-0" ? "0" : raw;
        }

        return value.TryGetValue(out double floating) ? Float(floating)
            : value.TryGetValue(out float single) ? Float(single)
            : value.ToJsonString();
    }

    private static void Dump(StringBuilder text, JsonNode? value, int depth)
    {
        switch (value)
        {
            case null:
                text.Append("null");
                break;
            case JsonObject members:
                Items(text, '{', '}', members, depth, member =>
                {
                    Quote(text, member.Key);
                    text.Append(": ");
                    Dump(text, member.Value, Deeper(depth));
                });
                break;
            case JsonArray items:
                Items(text, '[', ']', items, depth, item => Dump(text, item, Deeper(depth)));
                break;
            case JsonValue single when single.GetValueKind() == JsonValueKind.String:
                Quote(text, single.GetValue<string>());
                break;
            case JsonValue single when single.GetValueKind() == JsonValueKind.Number || single.TryGetValue(out double _):
                text.Append(Number(single) switch { "nan" => "NaN", "inf" => "Infinity", "-inf" => "-Infinity", var number => number });
                break;
            default:
                text.Append(value.ToJsonString());
                break;
        }
    }

    private static int Deeper(int depth) => depth < 0 ? depth : depth + 1;

    private static void Items<T>(StringBuilder text, char open, char close, IEnumerable<T> items, int depth, Action<T> write)
    {
        text.Append(open);
        bool any = false;
        foreach (T item in items)
        {
            text.Append(any ? depth < 0 ? ", " : "," : string.Empty);
            NewLine(text, depth < 0 ? -1 : depth + 1);
            write(item);
            any = true;
        }

        if (any)
        {
            NewLine(text, depth);
        }

        text.Append(close);
    }

    private static void NewLine(StringBuilder text, int depth)
    {
        if (depth >= 0)
        {
            text.Append('\n').Append(' ', 2 * depth);
        }
    }

    private static void Quote(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (char c in value)
        {
            _ = c switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                '\f' => text.Append("\\f"),
                '\b' => text.Append("\\b"),
                < ' ' => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => text.Append(c),
            };
        }

        text.Append('"');
    }
}
