using System.Globalization;
using System.Text;
using Lapidary.Text.Jinja.Values;

namespace Lapidary.Text.Jinja;

/// <summary>Values as Python's <c>repr</c> writes them, which is also how <c>str</c> writes all but texts.</summary>
internal sealed class PythonRepr
{
    private readonly Interpreter interpreter;
    private readonly StringBuilder result = new();

    private PythonRepr(Interpreter interpreter)
    {
        this.interpreter = interpreter;
    }

    /// <summary>Writes a value.</summary>
    public static string Write(Interpreter interpreter, Value value)
    {
        var writer = new PythonRepr(interpreter);
        writer.Append(value);
        interpreter.AllocateText(writer.result.Length);
        return writer.result.ToString();
    }

    private void Append(string text)
    {
        interpreter.AllocateText(text.Length);
        result.Append(text);
    }

    private void Append(Value value)
    {
        interpreter.Enter();
        switch (value.Kind)
        {
            case ValueKind.None:
                Append("None");
                break;
            case ValueKind.Boolean or ValueKind.Integer:
                Append(value.ToString());
                break;
            case ValueKind.Float:
                Append(PythonNumber.Format(value.Number));
                break;
            case ValueKind.Text:
                AppendText(value.Text);
                break;
            case ValueKind.List:
                AppendItems("[", value.Items, "]");
                break;
            case ValueKind.Tuple:
                AppendItems("(", value.Items, value.Items.Count == 1 ? ",)" : ")");
                break;
            case ValueKind.Range:
                Append(value.Items.ToString()!);
                break;
            case ValueKind.Dictionary:
                AppendEntries("{", value.Entries, "}");
                break;
            case ValueKind.Namespace:
                AppendEntries("<Namespace {", value.Attributes.Select(pair => KeyValuePair.Create(Value.Of(pair.Key), pair.Value)), "}>");
                break;
            case ValueKind.Loop:
                Append($"<LoopContext {value.Loop.Index + 1}/{value.Loop.Items.Count}>");
                break;
            case ValueKind.Undefined:
                Append("Undefined");
                break;
            default:
                Append($"<{value.TypeName}>");
                break;
        }

        interpreter.Leave();
    }

    private void AppendItems(string begin, IReadOnlyList<Value> items, string end)
    {
        Append(begin);
        for (int i = 0; i < items.Count; i++)
        {
            Append(i == 0 ? string.Empty : ", ");
            Append(items[i]);
        }

        Append(end);
    }

    private void AppendEntries(string begin, IEnumerable<KeyValuePair<Value, Value>> entries, string end)
    {
        Append(begin);
        bool isFirst = true;
        foreach ((Value key, Value value) in entries)
        {
            Append(isFirst ? string.Empty : ", ");
            Append(key);
            Append(": ");
            Append(value);
            isFirst = false;
        }

        Append(end);
    }

    private void AppendText(string text)
    {
        char quote = text.Contains('\'') && !text.Contains('"') ? '"' : '\'';
        interpreter.AllocateText(2L * text.Length);
        result.Append(quote);
        for (int i = 0; i < text.Length; i += PythonText.UnitsAt(text, i))
        {
            AppendCharacter(text, i, quote);
        }

        result.Append(quote);
    }

    private void AppendCharacter(string text, int at, char quote)
    {
        char c = text[at];
        if (c == quote || c == '\\')
        {
            result.Append('\\').Append(c);
        }
        else if (c is '\n' or '\r' or '\t')
        {
            result.Append(c switch { '\n' => "\\n", '\r' => "\\r", _ => "\\t" });
        }
        else if (char.IsAscii(c) ? !char.IsControl(c) : IsPrintable(text, at))
        {
            result.Append(text, at, PythonText.UnitsAt(text, at));
        }
        else
        {
            int point = PythonText.UnitsAt(text, at) == 2 ? char.ConvertToUtf32(text[at], text[at + 1]) : c;
            result.Append(CultureInfo.InvariantCulture, $"\\{(point > 0xFFFF ? 'U' : point > 0xFF ? 'u' : 'x')}");
            result.Append(point.ToString(point > 0xFFFF ? "x8" : point > 0xFF ? "x4" : "x2", CultureInfo.InvariantCulture));
        }
    }

    private static bool IsPrintable(string text, int at) => CharUnicodeInfo.GetUnicodeCategory(text, at) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.SpaceSeparator);
}
