using System.Buffers;
using System.Globalization;
using System.Text;

namespace Lapidary.Text.Tokenizers;

/// <summary>Finds added tokens in text: the leftmost, and of those that begin there the longest.</summary>
internal sealed class AddedTokenMatcher
{
    /// <summary>Characters of the longest token; it bounds the work at each position of a text.</summary>
    public const int LengthLimit = 1024;

    // A trie in one dictionary: node << 16 | character to the next node.
    private readonly Dictionary<ulong, int> edges = [];
    private readonly List<AddedToken?> nodes = [null];
    private readonly SearchValues<char> firsts;

    public AddedTokenMatcher(IReadOnlyCollection<AddedToken> tokens)
    {
        foreach (AddedToken token in tokens)
        {
            int node = 0;
            foreach (char character in token.Content)
            {
                ulong edge = ((ulong)(uint)node << 16) | character;
                if (!edges.TryGetValue(edge, out node))
                {
                    node = nodes.Count;
                    nodes.Add(null);
                    edges.Add(edge, node);
                }
            }

            nodes[node] = token;
        }

        firsts = SearchValues.Create([.. tokens.Select(token => token.Content[0]).Distinct()]);
    }

    /// <summary>Whether there is nothing to find.</summary>
    public bool IsEmpty => nodes.Count == 1;

    /// <summary>Finds the first token from a position on.</summary>
    /// <param name="text">The text.</param>
    /// <param name="from">Where to begin; what stands before is already spoken for.</param>
    /// <param name="parseSpecial">Whether special tokens count.</param>
    /// <param name="start">Where the token begins, with white space that it swallows.</param>
    /// <param name="end">Where it ends.</param>
    public AddedToken? Find(ReadOnlySpan<char> text, int from, bool parseSpecial, out int start, out int end)
    {
        int at = from;
        while (at < text.Length && text[at..].IndexOfAny(firsts) is int distance and >= 0)
        {
            at += distance;
            AddedToken? token = Longest(text[at..]);
            if (token is null)
            {
                at++;
                continue;
            }

            // A token that does not count is still passed over as a whole, as in the reference.
            start = at;
            end = at + token.Content.Length;
            at = end;
            if ((!parseSpecial && token.Special) || (token.SingleWord && TouchesWord(text, start, end)))
            {
                continue;
            }

            while (token.StripsLeft && start > from && char.IsWhiteSpace(text[start - 1]))
            {
                start--;
            }

            while (token.StripsRight && end < text.Length && char.IsWhiteSpace(text[end]))
            {
                end++;
            }

            return token;
        }

        start = end = text.Length;
        return null;
    }

    private AddedToken? Longest(ReadOnlySpan<char> text)
    {
        AddedToken? longest = null;
        int node = 0;
        foreach (char character in text)
        {
            if (!edges.TryGetValue(((ulong)(uint)node << 16) | character, out node))
            {
                break;
            }

            longest = nodes[node] ?? longest;
        }

        return longest;
    }

    private static bool TouchesWord(ReadOnlySpan<char> text, int start, int end) =>
        (Rune.DecodeLastFromUtf16(text[..start], out Rune before, out _) == OperationStatus.Done && IsWord(before))
        || (Rune.DecodeFromUtf16(text[end..], out Rune after, out _) == OperationStatus.Done && IsWord(after));

    // What \w stands for in Unicode regular expressions (UTS #18, annex C).
    private static bool IsWord(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.UppercaseLetter
        or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter or UnicodeCategory.ModifierLetter
        or UnicodeCategory.OtherLetter or UnicodeCategory.LetterNumber or UnicodeCategory.NonSpacingMark
        or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark or UnicodeCategory.DecimalDigitNumber
        or UnicodeCategory.ConnectorPunctuation;
}
