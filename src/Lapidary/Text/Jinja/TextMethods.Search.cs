using Lapidary.Text.Jinja.Values;

namespace Lapidary.Text.Jinja;

/// <content>Methods that look for a part of a text.</content>
internal static partial class TextMethods
{
    private static Value Split(string text, Arguments arguments, bool fromRight)
    {
        string? separator = arguments.TakeText("sep");
        long most = arguments.TakeInteger("maxsplit") ?? -1;
        arguments.End();
        if (separator is { Length: 0 })
        {
            throw arguments.Interpreter.Fail("a text cannot be split at nothing");
        }

        int limit = most < 0 ? int.MaxValue : (int)Math.Min(most, int.MaxValue);
        arguments.Interpreter.AllocateText(text.Length);
        List<string> parts = (separator, fromRight) switch
        {
            (null, false) => SplitAtSpace(text, limit),
            (null, true) => SplitAtSpaceFromRight(text, limit),
            (_, false) => SplitAt(text, separator, limit),
            _ => SplitAtFromRight(text, separator, limit),
        };
        arguments.Interpreter.AllocateItems(3L * parts.Count);
        return Value.List([.. parts.Select(Value.Of)]);
    }

    private static List<string> SplitAt(string text, string separator, int limit)
    {
        var parts = new List<string>();
        int from = 0;
        while (parts.Count < limit && text.IndexOf(separator, from, StringComparison.Ordinal) is var at and >= 0)
        {
            parts.Add(text[from..at]);
            from = at + separator.Length;
        }

        parts.Add(text[from..]);
        return parts;
    }

    private static List<string> SplitAtFromRight(string text, string separator, int limit)
    {
        var parts = new List<string>();
        int to = text.Length;
        while (parts.Count < limit && text.AsSpan(0, to).LastIndexOf(separator) is var at and >= 0)
        {
            parts.Add(text[(at + separator.Length)..to]);
            to = at;
        }

        parts.Add(text[..to]);
        parts.Reverse();
        return parts;
    }

    private static List<string> SplitAtSpace(string text, int limit)
    {
        var parts = new List<string>();
        int at = SkipSpace(text, 0);
        while (at < text.Length)
        {
            int end = at;
            while (end < text.Length && !PythonText.IsSpace(text[end]))
            {
                end++;
            }

            end = parts.Count == limit ? text.Length : end;
            parts.Add(parts.Count == limit ? text[at..] : text[at..end]);
            at = SkipSpace(text, end);
        }

        return parts;
    }

    private static List<string> SplitAtSpaceFromRight(string text, int limit)
    {
        var parts = new List<string>();
        int end = SkipSpaceBefore(text, text.Length);
        while (end > 0)
        {
            int from = end;
            while (from > 0 && !PythonText.IsSpace(text[from - 1]))
            {
                from--;
            }

            from = parts.Count == limit ? 0 : from;
            parts.Add(text[from..end]);
            end = SkipSpaceBefore(text, from);
        }

        parts.Reverse();
        return parts;
    }

    private static int SkipSpace(string text, int at)
    {
        while (at < text.Length && PythonText.IsSpace(text[at]))
        {
            at++;
        }

        return at;
    }

    private static int SkipSpaceBefore(string text, int at)
    {
        while (at > 0 && PythonText.IsSpace(text[at - 1]))
        {
            at--;
        }

        return at;
    }

    private static Value SplitLines(string text, Arguments arguments)
    {
        bool keepEnds = arguments.TakeBoolean("keepends", false);
        arguments.End();
        var lines = new List<string>();
        int from = 0;
        while (from < text.Length)
        {
            int end = from;
            while (end < text.Length && text[end] is not ('\n' or '\r' or '\v' or '\f' or '\x1c' or '\x1d' or '\x1e' or '\x85' or '\u2028' or '\u2029'))
            {
                end++;
            }

            int next = Math.Min(text.Length, end + (text.AsSpan(end).StartsWith("\r\n") ? 2 : 1));
            lines.Add(text[from..(keepEnds ? next : end)]);
            from = next;
        }

        arguments.Interpreter.AllocateText(text.Length);
        arguments.Interpreter.AllocateItems(3L * lines.Count);
        return Value.List([.. lines.Select(Value.Of)]);
    }

    private static Value Partition(string text, Arguments arguments, bool fromRight)
    {
        string separator = arguments.RequireText("sep");
        arguments.End();
        if (separator.Length == 0)
        {
            throw arguments.Interpreter.Fail("a text cannot be split at nothing");
        }

        arguments.Interpreter.AllocateText(text.Length);
        int at = fromRight ? text.LastIndexOf(separator, StringComparison.Ordinal) : text.IndexOf(separator, StringComparison.Ordinal);
        return at < 0
            ? fromRight ? Value.Tuple(Value.Of(string.Empty), Value.Of(string.Empty), Value.Of(text))
                : Value.Tuple(Value.Of(text), Value.Of(string.Empty), Value.Of(string.Empty))
            : Value.Tuple(Value.Of(text[..at]), Value.Of(separator), Value.Of(text[(at + separator.Length)..]));
    }

    private static Value Replace(string text, Arguments arguments)
    {
        string old = arguments.RequireText("old");
        string fresh = arguments.RequireText("new");
        long count = arguments.TakeInteger("count") ?? -1;
        arguments.End();
        return Value.Of(Replace(arguments.Interpreter, text, old, fresh, count));
    }

    /// <summary>Replaces a part of a text wherever it occurs, or so many times where a count is not negative.</summary>
    public static string Replace(Interpreter interpreter, string text, string old, string fresh, long count)
    {
        List<string> parts;
        if (old.Length == 0)
        {
            // Nothing is found before each character and at the end.
            interpreter.AllocateItems(6L * text.Length);
            List<string> characters = [string.Empty, .. PythonText.Characters(text)];
            int whole = count < 0 ? characters.Count : (int)Math.Min(count, characters.Count);
            parts = whole == 0 ? [text] : [.. characters[..whole], string.Concat(characters[whole..])];
        }
        else
        {
            interpreter.AllocateText(text.Length);
            parts = SplitAt(text, old, count < 0 ? int.MaxValue : (int)Math.Min(count, int.MaxValue));
        }

        interpreter.AllocateItems(3L * parts.Count);
        interpreter.AllocateText(text.Length + ((long)parts.Count * fresh.Length));
        return string.Join(fresh, parts);
    }

    private static Value RequireIndex(string text, Arguments arguments, bool fromRight)
    {
        long index = IndexOf(text, arguments, fromRight);
        return index >= 0 ? Value.Of(index) : throw arguments.Interpreter.Fail("the text was not found");
    }

    private static long IndexOf(string text, Arguments arguments, bool fromRight)
    {
        string wanted = arguments.RequireText("sub");
        (int from, string part) = Part(text, arguments);
        arguments.End();
        if (from < 0)
        {
            return -1;
        }

        int at = fromRight ? part.LastIndexOf(wanted, StringComparison.Ordinal) : part.IndexOf(wanted, StringComparison.Ordinal);
        return at < 0 ? -1 : from + PythonText.Length(part[..at]);
    }

    private static Value Count(string text, Arguments arguments)
    {
        string wanted = arguments.RequireText("sub");
        (int from, string part) = Part(text, arguments);
        arguments.End();
        if (from < 0)
        {
            return Value.Of(0L);
        }

        return Value.Of(wanted.Length == 0 ? PythonText.Length(part) + 1L : part.AsSpan().Count(wanted));
    }

    // The part of a text that the arguments start and end leave, and where it begins; nothing can be found beyond the end.
    private static (int From, string Part) Part(string text, Arguments arguments)
    {
        Value start = arguments.Take("start") ?? Value.None;
        Value stop = arguments.Take("end") ?? Value.None;
        if (start.IsNone && stop.IsNone)
        {
            return (0, text);
        }

        int length = PythonText.Length(text);
        long from = start.TryGetInt64(out long given) ? given < 0 ? Math.Max(0, given + length) : given : 0;
        return from > length ? (-1, string.Empty) : ((int)from, arguments.Interpreter.SliceOf(Value.Of(text), start, stop, Value.None).Text);
    }
}
