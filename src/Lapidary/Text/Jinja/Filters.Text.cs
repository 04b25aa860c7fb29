using System.Text;
using Lapidary.Text.Jinja.Values;

namespace Lapidary.Text.Jinja;

/// <content>Filters that make a text of a value.</content>
internal static partial class Filters
{
    private static string Operand(Value value, Arguments arguments)
    {
        string text = arguments.Interpreter.TextOf(value);
        arguments.Interpreter.SpendOn(text.Length);
        return text;
    }

    private static Value Changed(Value value, Arguments arguments, Func<string, string> change)
    {
        arguments.End();
        string text = Operand(value, arguments);
        arguments.Interpreter.AllocateText(3L * text.Length);
        return Value.Of(change(text));
    }

    private static Value ToText(Value value, Arguments arguments)
    {
        arguments.End();
        return Value.Of(arguments.Interpreter.TextOf(value));
    }

    private static Value Trim(Value value, Arguments arguments)
    {
        string? characters = arguments.TakeText("chars");
        arguments.End();
        string text = Operand(value, arguments);
        string trimmed = PythonText.Strip(text, characters);
        if (trimmed.Length < text.Length)
        {
            arguments.Interpreter.AllocateText(trimmed.Length);
        }

        return Value.Of(trimmed);
    }

    // Words begin after white space, a hyphen or an opening bracket, which is not what str.title does.
    private static string Title(string text)
    {
        var result = new StringBuilder(text.Length);
        bool begins = true;
        for (int i = 0; i < text.Length; i += PythonText.UnitsAt(text, i))
        {
            string character = text.Substring(i, PythonText.UnitsAt(text, i));
            bool isBorder = PythonText.IsSpace(character[0]) || "-({[<".Contains(character[0]);
            result.Append(isBorder ? character : begins ? PythonText.Upper(character) : PythonText.Lower(character));
            begins = isBorder;
        }

        return result.ToString();
    }

    private static Value Center(Value value, Arguments arguments)
    {
        long width = arguments.TakeInteger("width") ?? 80;
        arguments.End();
        return Value.Of(TextMethods.Pad(arguments.Interpreter, Operand(value, arguments), width, " ", left: true, right: true));
    }

    private static Value Replace(Value value, Arguments arguments)
    {
        string old = arguments.Interpreter.TextOf(arguments.Require("old"));
        string fresh = arguments.Interpreter.TextOf(arguments.Require("new"));
        long count = arguments.TakeInteger("count") ?? -1;
        arguments.End();
        return Value.Of(TextMethods.Replace(arguments.Interpreter, Operand(value, arguments), old, fresh, count));
    }

    private static Value Escape(Value value, Arguments arguments)
    {
        arguments.End();
        string text = Operand(value, arguments);
        arguments.Interpreter.AllocateText(5L * text.Length);
        return Value.Of(text.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;").Replace("'", "&#39;").Replace("\"", "&#34;"));
    }

    private static Value Format(Value value, Arguments arguments)
    {
        List<Value> positional = arguments.TakeRest();
        List<KeyValuePair<string, Value>> named = arguments.TakeNamedRest();
        arguments.End();
        if (named.Count == 0)
        {
            return Value.Of(Printf.Format(arguments.Interpreter, Operand(value, arguments), Value.Tuple(positional)));
        }

        if (positional.Count > 0)
        {
            throw arguments.Interpreter.Fail("the filter 'format' takes values with names or without, not both");
        }

        OrderedDictionary<Value, Value> entries = new(KeyComparer.Instance);
        named.ForEach(pair => entries.Add(Value.Of(pair.Key), pair.Value));
        return Value.Of(Printf.Format(arguments.Interpreter, Operand(value, arguments), Value.Of(entries)));
    }

    private static Value Indent(Value value, Arguments arguments)
    {
        Value width = arguments.Take("width") ?? Value.Of(4L);
        bool first = arguments.TakeBoolean("first", false);
        bool blank = arguments.TakeBoolean("blank", false);
        arguments.End();
        string indentation = width.IsText ? width.Text
            : width.TryGetInt64(out long spaces) && spaces <= 1000 ? new string(' ', (int)Math.Max(0, spaces))
            : throw arguments.Interpreter.Fail($"the filter 'indent' needs a small number or a text but found {Interpreter.Describe(width)}");
        string[] lines = Operand(value, arguments).Split('\n');
        var result = new StringBuilder();
        for (int i = 0; i < lines.Length; i++)
        {
            arguments.Interpreter.AllocateText(2L * (lines[i].Length + indentation.Length + 1));
            bool isIndented = i == 0 ? first : blank || lines[i].Length > 0;
            result.Append(i == 0 ? string.Empty : "\n").Append(isIndented ? indentation : string.Empty).Append(lines[i]);
        }

        return Value.Of(result.ToString());
    }

    private static Value Truncate(Value value, Arguments arguments)
    {
        long length = arguments.TakeInteger("length") ?? 255;
        bool cutWords = arguments.TakeBoolean("killwords", false);
        string end = arguments.TakeText("end") ?? "...";
        long leeway = arguments.TakeInteger("leeway") ?? 5;
        arguments.End();
        string text = Operand(value, arguments);
        int endLength = PythonText.Length(end);
        if (length < endLength || leeway < 0)
        {
            throw arguments.Interpreter.Fail($"the filter 'truncate' needs a length of at least {endLength} and no negative leeway");
        }

        if (PythonText.Length(text) <= (Int128)length + leeway)
        {
            return Value.Of(text);
        }

        string kept = arguments.Interpreter.SliceOf(Value.Of(text), Value.None, Value.Of(length - endLength), Value.None).Text;
        int space = cutWords ? -1 : kept.LastIndexOf(' ');
        return Value.Of((space < 0 ? kept : kept[..space]) + end);
    }

    private static Value CountWords(Value value, Arguments arguments)
    {
        arguments.End();
        string text = Operand(value, arguments);
        int count = 0;
        bool inside = false;
        for (int i = 0; i < text.Length; i += PythonText.UnitsAt(text, i))
        {
            bool isWord = text[i] == '_' || (char.IsSurrogate(text[i]) ? char.IsLetterOrDigit(text, i) : char.IsLetterOrDigit(text[i]));
            count += isWord && !inside ? 1 : 0;
            inside = isWord;
        }

        return Value.Of((long)count);
    }
}
