using System.Globalization;
using System.Text;

namespace Lapidary.Workbench.Evaluation.Patterns;

/// <summary>
/// Translates regular expressions from Python's syntax to that of .NET where the two differ: the names and the order of groups, ends of
/// the text, and which characters count as letters of words and as white space. A character beyond U+FFFF is one in Python and two units in
/// .NET: for texts that have some a translation of its own takes them whole. Letters and digits among them count as neither.
/// </summary>
internal sealed class PythonPattern
{
    /// <summary>The members of a set that are letters of words.</summary>
    public const string WordCharacters = @"\p{L}\p{N}_";

    /// <summary>The members of a set that are white space.</summary>
    public const string SpaceCharacters = @"\s\x1c-\x1f";

    /// <summary>The members of a set that are neither letters nor numbers nor the low line; the other connectors are nine.</summary>
    public const string NoWordCharacters =
        @"\p{M}\p{Pd}\p{Ps}\p{Pe}\p{Pi}\p{Pf}\p{Po}\p{S}\p{Z}\p{C}\u203f\u2040\u2054\ufe33\ufe34\ufe4d-\ufe4f\uff3f";

    private const string Word = $"[{WordCharacters}]";

    private readonly string pattern;
    private readonly StringBuilder result = new();
    private readonly Dictionary<string, int> names = new(StringComparer.Ordinal);
    private readonly bool isNumbered;
    private readonly bool hasPairs;
    private int groups;
    private int at;

    private PythonPattern(string pattern, bool hasPairs)
    {
        this.pattern = pattern;
        this.hasPairs = hasPairs;

        // .NET counts named groups behind all others, so that with a name every group gets its number written out.
        isNumbered = pattern.Contains("(?P<", StringComparison.Ordinal);
    }

    /// <summary>Translates a pattern.</summary>
    /// <param name="pattern">The pattern as Python writes it.</param>
    /// <param name="hasPairs">Whether the texts hold characters beyond U+FFFF; the translation for those is slower.</param>
    /// <exception cref="FormatException">The pattern uses what is not to be had, or is not Python's.</exception>
    public static string Translate(string pattern, bool hasPairs)
    {
        var translation = new PythonPattern(pattern, hasPairs);
        while (translation.at < pattern.Length)
        {
            translation.Step();
        }

        // Nothing begins within a pair; whatever begins before one ends before or behind it.
        return hasPairs ? $@"(?<![\ud800-\udbff](?=[\udc00-\udfff]))(?:{translation.result})" : translation.result.ToString();
    }

    private void Step()
    {
        char c = pattern[at];
        switch (c)
        {
            case '\\':
                Escape();
                break;
            case '[':
                result.Append(PythonCharacterSet.Translate(pattern, ref at, hasPairs));
                break;
            case '.':
                result.Append(Whole("."));
                at++;
                break;
            case var _ when char.IsHighSurrogate(c) && at + 1 < pattern.Length && char.IsLowSurrogate(pattern[at + 1]):
                // What repeats it repeats both units.
                result.Append("(?:").Append(c).Append(pattern[at + 1]).Append(')');
                at += 2;
                break;
            case '(':
                Group();
                break;
            case '{' when pattern.AsSpan(at).StartsWith("{,"):
                OpenRepeat();
                break;
            default:
                result.Append(c);
                at++;
                break;
        }
    }

    // Python reads {,n} as {0,n}.
    private void OpenRepeat()
    {
        int digits = 0;
        while (at + 2 + digits < pattern.Length && char.IsAsciiDigit(pattern[at + 2 + digits]))
        {
            digits++;
        }

        bool isRepeat = digits > 0 && at + 2 + digits < pattern.Length && pattern[at + 2 + digits] == '}';
        result.Append(isRepeat ? "{0," : "\\{,");
        at += 2;
    }

    private void Escape()
    {
        if (at + 1 >= pattern.Length)
        {
            throw new FormatException("expected a character behind the last backslash");
        }

        char c = pattern[at + 1];
        at += 2;
        string? translated = c switch
        {
            'w' => Word,
            'W' => Whole($"[^{WordCharacters}]"),
            's' => $"[{SpaceCharacters}]",
            'S' => Whole($"[^{SpaceCharacters}]"),
            'D' => Whole(@"\D"),
            'b' => $"(?:(?<={Word})(?!{Word})|(?<!{Word})(?={Word}))",
            'B' => $"(?:(?<={Word})(?={Word})|(?<!{Word})(?!{Word}))",
            'Z' => @"\z",
            'A' => @"\A",
            'd' or 'n' or 't' or 'r' or 'f' or 'v' or 'a' or 'x' or 'u' => "\\" + c,
            'U' => LongCharacter(),
            _ => null,
        };

        if (translated is null)
        {
            if (char.IsAsciiLetter(c))
            {
                throw new FormatException($"expected an escape that Python's regular expressions have, found \\{c}");
            }

            translated = char.IsAsciiDigit(c) && c != '0' ? Reference(c) : "\\" + c;
        }

        result.Append(translated);
    }

    // What matches any half of a pair matches the pair, and does not give half of it back.
    private string Whole(string unit) => hasPairs ? $"(?>{PythonCharacterSet.Pair}|{unit})" : unit;

    private string LongCharacter()
    {
        if (at + 8 > pattern.Length
            || !int.TryParse(pattern.AsSpan(at, 8), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int point)
            || !Rune.IsValid(point))
        {
            throw new FormatException("expected eight hexadecimal digits of a character behind \\U");
        }

        at += 8;
        string character = char.ConvertFromUtf32(point);
        return character.Length == 1 ? $"\\u{point:x4}" : $"(?:\\u{(int)character[0]:x4}\\u{(int)character[1]:x4})";
    }

    private string Reference(char first)
    {
        int number = first - '0';
        if (at < pattern.Length && char.IsAsciiDigit(pattern[at]))
        {
            number = (number * 10) + (pattern[at++] - '0');
        }

        return $"(?:\\{number})";
    }

    private void Group()
    {
        ReadOnlySpan<char> rest = pattern.AsSpan(at);
        if (!rest.StartsWith("(?"))
        {
            groups++;
            result.Append(isNumbered ? $"(?<{groups}>" : "(");
            at++;
        }
        else if (rest.StartsWith("(?P<"))
        {
            string name = Name("(?P<".Length, '>');
            if (!names.TryAdd(name, ++groups))
            {
                throw new FormatException($"expected each name of a group once, found {name} again");
            }

            result.Append(CultureInfo.InvariantCulture, $"(?<{groups}>");
        }
        else if (rest.StartsWith("(?P="))
        {
            string name = Name("(?P=".Length, ')');
            result.Append(CultureInfo.InvariantCulture, $"(?:\\k<{Number(name)}>)");
        }
        else if (rest.StartsWith("(?("))
        {
            string name = Name("(?(".Length, ')');
            result.Append(CultureInfo.InvariantCulture, $"(?({(char.IsAsciiDigit(name[0]) ? name : Number(name))})");
        }
        else
        {
            Flags(rest);
        }
    }

    private string Name(int begin, char end)
    {
        int close = pattern.IndexOf(end, at + begin);
        if (close <= at + begin)
        {
            throw new FormatException($"expected the name of a group and {end}");
        }

        string name = pattern[(at + begin)..close];
        bool isName = (char.IsLetter(name[0]) || name[0] == '_') && name.All(c => char.IsLetterOrDigit(c) || c == '_');
        if (!isName && !(end == ')' && name.All(char.IsAsciiDigit)))
        {
            throw new FormatException($"expected the name of a group, found {name}");
        }

        at = close + 1;
        return name;
    }

    private string Number(string name) =>
        names.TryGetValue(name, out int number)
            ? number.ToString(CultureInfo.InvariantCulture)
            : throw new FormatException($"expected the name of a group before its use, found {name}");

    // What both have in common; anything else behind the question mark is .NET's own.
    private void Flags(ReadOnlySpan<char> rest)
    {
        if (rest.StartsWith("(?#"))
        {
            int close = pattern.IndexOf(')', at);
            at = close < 0 ? throw new FormatException("expected ) at the end of a comment") : close + 1;
            return;
        }

        foreach (string begin in (ReadOnlySpan<string>)["(?:", "(?=", "(?!", "(?<=", "(?<!", "(?>"])
        {
            if (rest.StartsWith(begin))
            {
                result.Append(begin);
                at += begin.Length;
                return;
            }
        }

        int length = 2;
        while (length < rest.Length && rest[length] is 'i' or 'm' or 's' or 'u' or '-')
        {
            // Python's texts are Unicode without the flag that says so.
            length++;
        }

        if (length == 2 || length >= rest.Length || rest[length] is not (':' or ')'))
        {
            throw new FormatException("expected a group that Python's regular expressions have behind (?");
        }

        string flags = rest[2..length].ToString().Replace("u", string.Empty, StringComparison.Ordinal);
        bool isWhole = rest[length] == ')';
        result.Append(flags.Length > 0 ? $"(?{flags}{rest[length]}" : isWhole ? string.Empty : "(?:");
        at += length + 1;
    }
}
