using System.Text;

namespace Lapidary.Text.Jinja.Syntax;

/// <summary>
/// Cuts a template into tokens, with Jinja2's rules for white space: <c>-</c> takes all of it away, <c>+</c> keeps it, and otherwise
/// the two options of the environment decide, which never touch what surrounds an output.
/// </summary>
internal sealed partial class Lexer
{
    private readonly SourceText source;
    private readonly string text;
    private readonly JinjaOptions options;
    private readonly List<Token> tokens = [];
    private readonly Stack<char> open = new();
    private int position;

    // Whether what comes next begins a line: lstrip_blocks looks no further back than the last tag.
    private bool lineStarts = true;

    private Lexer(SourceText source, JinjaOptions options)
    {
        this.source = source;
        text = source.Text;
        this.options = options;
    }

    /// <summary>All tokens; the last one is <see cref="TokenKind.End"/>.</summary>
    /// <exception cref="JinjaException">The text is not a template.</exception>
    public static List<Token> Read(SourceText source, JinjaOptions options)
    {
        var lexer = new Lexer(source, options);
        while (lexer.position < lexer.text.Length)
        {
            lexer.ReadUntilTag();
        }

        lexer.tokens.Add(new Token(TokenKind.End, string.Empty, lexer.text.Length));
        return lexer.tokens;
    }

    private void ReadUntilTag()
    {
        int tag = FindTag(position);
        if (tag < 0)
        {
            AddData(position, text.Length);
            position = text.Length;
            return;
        }

        char kind = text[tag + 1];
        char mark = tag + 2 < text.Length && text[tag + 2] is '-' or '+' ? text[tag + 2] : '\0';
        AddData(position, EndOfData(position, tag, mark, kind != '{'));
        position = tag + (mark == '\0' ? 2 : 3);
        if (kind == '#')
        {
            SkipComment(tag);
        }
        else if (kind == '{')
        {
            ReadTag(tag, TokenKind.OutputBegin);
        }
        else if (!TryReadRaw(tag))
        {
            ReadTag(tag, TokenKind.BlockBegin);
        }
    }

    private int FindTag(int from)
    {
        for (int at = text.IndexOf('{', from); at >= 0 && at + 1 < text.Length; at = text.IndexOf('{', at + 1))
        {
            if (text[at + 1] is '{' or '%' or '#')
            {
                return at;
            }
        }

        return -1;
    }

    private int EndOfData(int from, int tag, char mark, bool isBlock)
    {
        if (mark == '-')
        {
            return from + text.AsSpan(from, tag - from).Length - TrailingSpace(from, tag);
        }

        if (mark == '+' || !isBlock || !options.LstripBlocks)
        {
            return tag;
        }

        int newline = text.AsSpan(from, tag - from).LastIndexOf('\n');
        int line = from + newline + 1;
        return (newline >= 0 || lineStarts) && TrailingSpace(line, tag) == tag - line ? line : tag;
    }

    private int TrailingSpace(int from, int to)
    {
        int at = to;
        while (at > from && PythonText.IsSpace(text[at - 1]))
        {
            at--;
        }

        return to - at;
    }

    private void AddData(int from, int to)
    {
        if (to > from)
        {
            tokens.Add(new Token(TokenKind.Data, text[from..to], from));
        }
    }

    private void SkipComment(int tag)
    {
        // A comment that ends before it begins, as in {#-#}, has its sign only once.
        int end = text.IndexOf("#}", tag + 2, StringComparison.Ordinal);
        if (end < 0)
        {
            throw source.Fail(tag, "the comment has no end '#}'");
        }

        char mark = end > tag + 2 && text[end - 1] is '-' or '+' ? text[end - 1] : '\0';
        position = end + 2;
        SkipAfterBlock(mark);
    }

    private void SkipAfterBlock(char mark)
    {
        int from = position;
        if (mark == '-')
        {
            SkipSpace();
        }
        else if (mark != '+' && options.TrimBlocks && position < text.Length && text[position] == '\n')
        {
            position++;
        }

        lineStarts = position > from && text[position - 1] == '\n';
    }

    private void SkipSpace()
    {
        while (position < text.Length && PythonText.IsSpace(text[position]))
        {
            position++;
        }
    }

    private bool TryReadRaw(int tag)
    {
        int at = position;
        SkipSpace();
        if (!SkipWord("raw"))
        {
            position = at;
            return false;
        }

        SkipSpace();
        if (!TryReadEnd("%}", out char mark) || mark == '+')
        {
            position = at;
            return false;
        }

        int from = position;
        if (mark == '-')
        {
            SkipSpace();
        }

        lineStarts = position > from && text[position - 1] == '\n';
        ReadRawData(tag);
        return true;
    }

    private void ReadRawData(int tag)
    {
        int from = position;
        for (int at = text.IndexOf("{%", from, StringComparison.Ordinal); at >= 0; at = text.IndexOf("{%", at + 2, StringComparison.Ordinal))
        {
            position = at + 2;
            char before = position < text.Length && text[position] is '-' or '+' ? text[position++] : '\0';
            SkipSpace();
            if (!SkipWord("endraw"))
            {
                continue;
            }

            SkipSpace();
            if (TryReadEnd("%}", out char after))
            {
                AddData(from, EndOfData(from, at, before, isBlock: true));
                SkipAfterBlock(after);
                return;
            }
        }

        throw source.Fail(tag, "the raw block has no end '{% endraw %}'");
    }

    private bool SkipWord(string word)
    {
        if (!text.AsSpan(position).StartsWith(word))
        {
            return false;
        }

        position += word.Length;
        return true;
    }

    private bool TryReadEnd(string end, out char mark)
    {
        mark = '\0';
        ReadOnlySpan<char> rest = text.AsSpan(position);
        if (rest.StartsWith(end))
        {
            position += end.Length;
            return true;
        }

        // An output has no sign '+' at its end.
        if (rest.Length > 0 && (rest[0] == '-' || (rest[0] == '+' && end == "%}")) && rest[1..].StartsWith(end))
        {
            mark = rest[0];
            position += end.Length + 1;
            return true;
        }

        return false;
    }

    private void ReadTag(int tag, TokenKind kind)
    {
        tokens.Add(new Token(kind, string.Empty, tag));
        open.Clear();
        string end = kind == TokenKind.OutputBegin ? "}}" : "%}";
        while (true)
        {
            SkipSpace();
            if (position >= text.Length)
            {
                throw source.Fail(tag, $"the '{text.AsSpan(tag, 2)}' has no end '{end}'");
            }

            int at = position;
            if (open.Count == 0 && TryReadEnd(end, out char mark))
            {
                tokens.Add(new Token(kind == TokenKind.OutputBegin ? TokenKind.OutputEnd : TokenKind.BlockEnd, string.Empty, at));
                EndTag(kind, mark);
                return;
            }

            ReadToken();
        }
    }

    private void EndTag(TokenKind kind, char mark)
    {
        if (kind == TokenKind.BlockBegin)
        {
            SkipAfterBlock(mark);
            return;
        }

        int from = position;
        if (mark == '-')
        {
            SkipSpace();
        }

        lineStarts = position > from && text[position - 1] == '\n';
    }
}
