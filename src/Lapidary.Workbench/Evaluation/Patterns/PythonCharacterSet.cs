using System.Globalization;
using System.Text;

namespace Lapidary.Workbench.Evaluation.Patterns;

/// <summary>
/// Translates a set of characters, <c>[...]</c>. In Python a member may lie beyond U+FFFF; in .NET it is two units there, so that such a set
/// becomes an alternative of pairs and of single units.
/// </summary>
internal sealed class PythonCharacterSet
{
    /// <summary>The two units of a character beyond U+FFFF.</summary>
    public const string Pair = @"[\ud800-\udbff][\udc00-\udfff]";

    private const string Halves = @"\ud800-\udfff";
    private const int FirstOfPairs = 0x10000;
    private const int LastOfUnits = 0xFFFF;

    private readonly string pattern;
    private readonly StringBuilder units = new();
    private readonly List<string> pairs = [];
    private int at;
    private bool isNegated;
    private bool holdsAllPairs;

    private PythonCharacterSet(string pattern, int at)
    {
        this.pattern = pattern;
        this.at = at;
    }

    /// <summary>Translates the set that begins at a bracket.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="at">Where the bracket opens; behind the closing one when this returns.</param>
    /// <param name="hasPairs">Whether the texts hold characters beyond U+FFFF.</param>
    /// <exception cref="FormatException">It is no set of Python.</exception>
    public static string Translate(string pattern, ref int at, bool hasPairs)
    {
        var set = new PythonCharacterSet(pattern, at);
        set.Read();
        at = set.at;
        return hasPairs ? set.OverPairs() : set.OverUnits();
    }

    private void Read()
    {
        at++;
        if (at < pattern.Length && pattern[at] == '^')
        {
            isNegated = true;
            at++;
        }

        // A bracket that closes right at the start is a member.
        for (bool isFirst = true; at < pattern.Length && (isFirst || pattern[at] != ']'); isFirst = false)
        {
            (string low, int? first) = Member();
            bool isRange = at + 1 < pattern.Length && pattern[at] == '-' && pattern[at + 1] != ']';
            if (isRange)
            {
                at++;
                (string high, int? last) = Member();
                AddRange(low, first, high, last);
            }
            else if (first >= FirstOfPairs)
            {
                pairs.Add(Between(first.Value, first.Value));
            }
            else
            {
                units.Append(low);
            }
        }

        if (at >= pattern.Length)
        {
            throw new FormatException("expected ] at the end of a set");
        }

        at++;
    }

    private void AddRange(string low, int? first, string high, int? last)
    {
        if (first is null || last is null || first > last)
        {
            throw new FormatException("expected a range of characters that goes from a lower to a higher one");
        }

        if (last < FirstOfPairs)
        {
            units.Append(low).Append('-').Append(high);
            return;
        }

        if (first < FirstOfPairs)
        {
            units.Append(low).Append(CultureInfo.InvariantCulture, $"-{Unit(LastOfUnits)}");
        }

        pairs.Add(Between(Math.Max(FirstOfPairs, first.Value), last.Value));
    }

    // The member as .NET writes it, and its code point; null for a class of characters.
    private (string Text, int? Point) Member()
    {
        if (at >= pattern.Length)
        {
            throw new FormatException("expected ] at the end of a set");
        }

        char c = pattern[at];
        if (c != '\\')
        {
            int length = at + 1 < pattern.Length && char.IsSurrogatePair(c, pattern[at + 1]) ? 2 : 1;
            at += length;

            // An opening bracket in a set would be a subtraction.
            return length == 2 ? (string.Empty, char.ConvertToUtf32(c, pattern[at - 1])) : (c is '[' or ']' or '^' or '-' ? "\\" + c : c.ToString(), c);
        }

        if (at + 1 >= pattern.Length)
        {
            throw new FormatException("expected ] at the end of a set");
        }

        char escaped = pattern[at + 1];
        at += 2;
        holdsAllPairs |= escaped is 'W' or 'S' or 'D';
        return escaped switch
        {
            'w' => (PythonPattern.WordCharacters, null),
            'W' => (PythonPattern.NoWordCharacters, null),
            's' => (PythonPattern.SpaceCharacters, null),
            'd' or 'D' or 'S' => ("\\" + escaped, null),
            'x' => OfDigits(2),
            'u' => OfDigits(4),
            'U' => OfDigits(8),
            'n' => (@"\n", '\n'),
            't' => (@"\t", '\t'),
            'r' => (@"\r", '\r'),
            'f' => (@"\f", '\f'),
            'v' => (@"\v", '\v'),
            'a' => (@"\a", '\a'),
            'b' => (@"\b", '\b'),
            _ when char.IsAsciiLetter(escaped) => throw new FormatException($"expected an escape of a set, found \\{escaped}"),
            _ when char.IsAsciiDigit(escaped) => Octal(),
            _ => ("\\" + escaped, escaped),
        };
    }

    private (string Text, int? Point) OfDigits(int count)
    {
        if (at + count > pattern.Length
            || !int.TryParse(pattern.AsSpan(at, count), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int point)
            || point is < 0 or > 0x10FFFF)
        {
            throw new FormatException($"expected {count} hexadecimal digits of a character in a set");
        }

        at += count;
        return point < FirstOfPairs ? (Unit(point), point) : (string.Empty, point);
    }

    // Up to three digits, as in Python, where 8 and 9 are none.
    private (string Text, int? Point) Octal()
    {
        int end = at - 1;
        int point = 0;
        while (end < pattern.Length && end < at + 2 && pattern[end] is >= '0' and <= '7')
        {
            point = (point * 8) + (pattern[end++] - '0');
        }

        if (end == at - 1 || point > 0xFF)
        {
            throw new FormatException("expected an octal escape of at most \\377 in a set");
        }

        at = end;
        return (Unit(point), point);
    }

    // Over texts without pairs a member beyond U+FFFF is never met.
    private string OverUnits() => (isNegated, units.Length > 0) switch
    {
        (false, true) => $"[{units}]",
        (true, true) => $"[^{units}]",
        (false, false) => "(?!)",
        _ => @"[\s\S]",
    };

    // A pair is taken whole or not at all, also when the search goes back: hence atomic groups, and units that are no half of a pair.
    private string OverPairs()
    {
        string single = isNegated ? $"[^{units}{Halves}]" : $"[{units}-[{Halves}]]";
        string alternatives = string.Join('|', pairs);
        if (holdsAllPairs)
        {
            return isNegated ? single : $"(?>{Pair}|{single})";
        }

        if (isNegated)
        {
            return $"(?>{(pairs.Count > 0 ? $"(?!{alternatives})" : string.Empty)}{Pair}|{single})";
        }

        return pairs.Count == 0 ? single : units.Length == 0 ? $"(?>{alternatives})" : $"(?>{alternatives}|{single})";
    }

    // The pairs of a range: those of the first high half, of the high halves between, and of the last one.
    private static string Between(int first, int last)
    {
        string low = char.ConvertFromUtf32(first);
        string high = char.ConvertFromUtf32(last);
        if (low[0] == high[0])
        {
            return $"{Unit(low[0])}[{Unit(low[1])}-{Unit(high[1])}]";
        }

        string between = low[0] + 1 < high[0] ? $"|[{Unit(low[0] + 1)}-{Unit(high[0] - 1)}][\\udc00-\\udfff]" : string.Empty;
        return $"{Unit(low[0])}[{Unit(low[1])}-\\udfff]{between}|{Unit(high[0])}[\\udc00-{Unit(high[1])}]";
    }

    private static string Unit(int unit) => $"\\u{unit:x4}";
}
