namespace Lapidary.Text.Jinja;

/// <summary>The text of a template with its newlines made equal, and the way from an offset in it to a line and a column.</summary>
internal sealed class SourceText
{
    /// <summary>The longest chat template in the wild has some 30,000 characters.</summary>
    public const int LengthLimit = 512 * 1024;

    private SourceText(string name, string text)
    {
        Name = name;
        Text = text;
    }

    /// <summary>What errors call the template.</summary>
    public string Name { get; }

    /// <summary>The text that is parsed.</summary>
    public string Text { get; }

    /// <summary>Prepares the text of a template.</summary>
    /// <exception cref="JinjaException">It is too long.</exception>
    public static SourceText From(string source, string name, bool keepTrailingNewline)
    {
        if (source.Length > LengthLimit)
        {
            throw new JinjaException(name, 1, 1, $"the template has {source.Length} characters where at most {LengthLimit} were expected");
        }

        string text = source.Replace("\r\n", "\n").Replace('\r', '\n');
        return new SourceText(name, keepTrailingNewline || !text.EndsWith('\n') ? text : text[..^1]);
    }

    /// <summary>The line of an offset, from 1.</summary>
    public int LineOf(int offset) => Text.AsSpan(0, Math.Min(offset, Text.Length)).Count('\n') + 1;

    /// <summary>An error at an offset.</summary>
    public JinjaException Fail(int offset, string fact, bool isRefusal = false)
    {
        ReadOnlySpan<char> before = Text.AsSpan(0, Math.Min(offset, Text.Length));
        int column = before.Length - before.LastIndexOf('\n');
        return new JinjaException(Name, LineOf(offset), column, OneLine(fact), null) { IsRefusal = isRefusal };
    }

    /// <summary>Text of a template or its input as an error may quote it: one line, not too long.</summary>
    private static string OneLine(string fact)
    {
        const int Limit = 300;
        string text = fact.Length <= Limit ? fact : string.Concat(fact.AsSpan(0, Limit), "...");
        return string.Create(text.Length, text, static (span, from) =>
        {
            for (int i = 0; i < span.Length; i++)
            {
                span[i] = char.IsControl(from[i]) || char.IsSurrogate(from[i]) && !IsPaired(from, i) ? ' ' : from[i];
            }
        }).TrimEnd();
    }

    private static bool IsPaired(string text, int at) =>
        char.IsHighSurrogate(text[at])
            ? at + 1 < text.Length && char.IsLowSurrogate(text[at + 1])
            : at > 0 && char.IsHighSurrogate(text[at - 1]);
}
