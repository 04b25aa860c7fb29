using System.Globalization;
using System.Text;

namespace Lapidary.Text.Jinja.Syntax;

/// <content>What stands between the signs of a tag.</content>
internal sealed partial class Lexer
{
    private static readonly string[] TwoSigns = ["//", "**", "==", "!=", ">=", "<="];

    private void ReadToken()
    {
        char c = text[position];
        if (char.IsAsciiDigit(c))
        {
            ReadNumber();
        }
        else if (c == '_' || char.IsLetter(c))
        {
            int from = position;
            while (position < text.Length && IsNamePart(text[position]))
            {
                position++;
            }

            tokens.Add(new Token(TokenKind.Name, text[from..position], from));
        }
        else if (c is '\'' or '"')
        {
            ReadString(c);
        }
        else
        {
            ReadOperator(c);
        }
    }

    private static bool IsNamePart(char c) =>
        c == '_' || char.IsLetterOrDigit(c) || char.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;

    private void ReadOperator(char c)
    {
        int from = position;
        foreach (string sign in TwoSigns)
        {
            if (text.AsSpan(from).StartsWith(sign))
            {
                position += 2;
                tokens.Add(new Token(TokenKind.Operator, sign, from));
                return;
            }
        }

        if (!"+-*/%~()[]{}<>=.:|,;".Contains(c))
        {
            throw source.Fail(from, $"'{c}' cannot stand in an expression");
        }

        if (c is '(' or '[' or '{')
        {
            open.Push(c switch { '(' => ')', '[' => ']', _ => '}' });
        }
        else if (c is ')' or ']' or '}' && (!open.TryPop(out char expected) || expected != c))
        {
            throw source.Fail(from, $"'{c}' closes nothing that is open here");
        }

        position++;
        tokens.Add(new Token(TokenKind.Operator, c.ToString(), from));
    }

    private void ReadNumber()
    {
        int from = position;
        if (text[from] == '0' && from + 2 < text.Length && (text[from + 1] | 0x20) is 'x' or 'o' or 'b')
        {
            Func<char, bool> isDigit = (text[from + 1] | 0x20) switch
            {
                'x' => char.IsAsciiHexDigit,
                'o' => c => c is >= '0' and <= '7',
                _ => c => c is '0' or '1',
            };
            int digits = EndOfDigits(text[from + 2] == '_' ? from + 3 : from + 2, isDigit);
            if (digits > from + 2)
            {
                position = digits;
                tokens.Add(new Token(TokenKind.Integer, Plain(from, digits), from));
                return;
            }
        }

        int end = EndOfDigits(from, char.IsAsciiDigit);
        int whole = end;
        bool isIndex = from > 0 && text[from - 1] == '.';
        if (!isIndex && end + 1 < text.Length && text[end] == '.' && char.IsAsciiDigit(text[end + 1]))
        {
            end = EndOfDigits(end + 1, char.IsAsciiDigit);
        }

        if (!isIndex && end < text.Length && (text[end] | 0x20) == 'e')
        {
            int exponent = end + 1 < text.Length && text[end + 1] is '+' or '-' ? end + 2 : end + 1;
            if (exponent < text.Length && char.IsAsciiDigit(text[exponent]))
            {
                end = EndOfDigits(exponent, char.IsAsciiDigit);
            }
        }

        if (end == whole && text[from] == '0' && text.AsSpan(from, end - from).ContainsAnyExcept('0', '_'))
        {
            throw source.Fail(from, "a whole number begins with 0");
        }

        position = end;
        tokens.Add(new Token(end == whole ? TokenKind.Integer : TokenKind.Float, Plain(from, end), from));
    }

    private int EndOfDigits(int from, Func<char, bool> isDigit)
    {
        int at = from;
        while (at < text.Length && (isDigit(text[at]) || (text[at] == '_' && at > from && at + 1 < text.Length && isDigit(text[at + 1]))))
        {
            at++;
        }

        return at;
    }

    private string Plain(int from, int to) => text[from..to].Replace("_", string.Empty);

    private void ReadString(char quote)
    {
        int from = position++;
        int end = position;
        while (end < text.Length && text[end] != quote)
        {
            end += text[end] == '\\' ? 2 : 1;
        }

        if (end >= text.Length)
        {
            throw source.Fail(from, "the string has no end");
        }

        string raw = text[position..end];
        position = end + 1;
        tokens.Add(new Token(TokenKind.Text, raw.Contains('\\') ? Unescape(raw, from) : raw, from));
    }

    // The escapes of Python's strings; an unknown one stays as it is, with its backslash.
    private string Unescape(string raw, int from)
    {
        var result = new StringBuilder(raw.Length);
        for (int i = 0; i < raw.Length; i++)
        {
            if (raw[i] != '\\' || i + 1 == raw.Length)
            {
                result.Append(raw[i]);
                continue;
            }

            char c = raw[++i];
            if ("abfnrtv\\'\"\n".IndexOf(c) is int known and >= 0)
            {
                result.Append("\a\b\f\n\r\t\v\\'\"\0"[known]);
                result.Length -= c == '\n' ? 1 : 0;
            }
            else if (c is 'x' or 'u' or 'U')
            {
                int digits = c switch { 'x' => 2, 'u' => 4, _ => 8 };
                AppendCodePoint(result, raw, i + 1, digits, from);
                i += digits;
            }
            else if (c is >= '0' and <= '7')
            {
                int value = 0;
                int end = Math.Min(raw.Length, i + 3);
                for (; i < end && raw[i] is >= '0' and <= '7'; i++)
                {
                    value = (value * 8) + raw[i] - '0';
                }

                i--;
                result.Append((char)value);
            }
            else if (c == 'N')
            {
                throw source.Fail(from, "the escape '\\N' of a character by its name is not supported");
            }
            else
            {
                result.Append('\\').Append(c);
            }
        }

        return result.ToString();
    }

    private void AppendCodePoint(StringBuilder result, string raw, int at, int digits, int from)
    {
        if (at + digits > raw.Length
            || !uint.TryParse(raw.AsSpan(at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint point)
            || point > 0x10FFFF)
        {
            throw source.Fail(from, $"the escape '\\{raw[at - 1]}' in a string needs {digits} hexadecimal digits of a character");
        }

        if (point > 0xFFFF)
        {
            result.Append(char.ConvertFromUtf32((int)point));
        }
        else
        {
            result.Append((char)point);
        }
    }
}
