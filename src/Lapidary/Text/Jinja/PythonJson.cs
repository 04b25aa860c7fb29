using System.Globalization;
using System.Text;
using Lapidary.Text.Jinja.Values;

namespace Lapidary.Text.Jinja;

/// <summary>JSON as Python's <c>json.dumps</c> writes it.</summary>
internal sealed class PythonJson(Interpreter interpreter)
{
    private readonly StringBuilder result = new();

    /// <summary>What one level is indented by; null writes everything on one line.</summary>
    public string? Indent { get; init; }

    /// <summary>What stands between items.</summary>
    public required string ItemSeparator { get; init; }

    /// <summary>What stands between a key and its value.</summary>
    public required string KeySeparator { get; init; }

    /// <summary>Whether the keys are sorted.</summary>
    public bool SortKeys { get; init; }

    /// <summary>Whether everything beyond ASCII is escaped.</summary>
    public bool EnsureAscii { get; init; }

    /// <summary>Writes a value.</summary>
    public string Write(Value value)
    {
        Append(value, 0);
        interpreter.AllocateText(result.Length);
        return result.ToString();
    }

    private void Append(string text)
    {
        interpreter.AllocateText(text.Length);
        result.Append(text);
    }

    private void Append(Value value, int level)
    {
        interpreter.Enter();
        switch (value.Kind)
        {
            case ValueKind.Text:
                AppendText(value.Text);
                break;
            case ValueKind.List or ValueKind.Tuple:
                AppendAll('[', [.. value.Items.Select(item => (string.Empty, item))], ']', level);
                break;
            case ValueKind.Dictionary:
                AppendAll('{', Entries(value), '}', level);
                break;
            default:
                Append(Scalar(value));
                break;
        }

        interpreter.Leave();
    }

    private string Scalar(Value value) => value.Kind switch
    {
        ValueKind.None => "null",
        ValueKind.Boolean => value.Boolean ? "true" : "false",
        ValueKind.Integer => value.ToString(),
        ValueKind.Float when double.IsFinite(value.Number) => PythonNumber.Format(value.Number),
        ValueKind.Float => double.IsNaN(value.Number) ? "NaN" : value.Number > 0 ? "Infinity" : "-Infinity",
        _ => throw interpreter.Fail($"{Interpreter.Describe(value)} cannot be written as JSON"),
    };

    private List<(string Key, Value Value)> Entries(Value value)
    {
        interpreter.AllocateItems(2L * value.Entries.Count);
        IReadOnlyList<Value> keys = [.. value.Entries.Keys];
        if (SortKeys)
        {
            keys = interpreter.Sort(keys, key => key, reverse: false);
        }

        return [.. keys.Select(key => (key.IsText ? key.Text : Scalar(key), value.Entries[key]))];
    }

    private void AppendAll(char begin, List<(string Key, Value Value)> entries, char end, int level)
    {
        interpreter.AllocateItems(entries.Count);
        result.Append(begin);
        for (int i = 0; i < entries.Count; i++)
        {
            Append(i == 0 ? string.Empty : ItemSeparator);
            NewLine(level + 1);
            if (begin == '{')
            {
                AppendText(entries[i].Key);
                Append(KeySeparator);
            }

            Append(entries[i].Value, level + 1);
        }

        if (entries.Count > 0)
        {
            NewLine(level);
        }

        result.Append(end);
    }

    private void NewLine(int level)
    {
        if (Indent is null)
        {
            return;
        }

        interpreter.AllocateText((long)level * Indent.Length);
        result.Append('\n');
        for (int i = 0; i < level; i++)
        {
            result.Append(Indent);
        }
    }

    private void AppendText(string text)
    {
        interpreter.AllocateText(text.Length);
        result.Append('"');
        foreach (char c in text)
        {
            string? escape = c switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                '\b' => "\\b",
                '\f' => "\\f",
                _ => c < ' ' || (EnsureAscii && !char.IsAscii(c)) ? string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}") : null,
            };
            if (escape is null)
            {
                result.Append(c);
            }
            else
            {
                Append(escape);
            }
        }

        result.Append('"');
    }
}
