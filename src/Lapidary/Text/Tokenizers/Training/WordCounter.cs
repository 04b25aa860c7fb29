using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Lapidary.Text.Tokenizers.Training;

/// <summary>
/// Cuts texts where no piece may reach over, and counts what lies between. A word is a run of letters, a run of other characters or a
/// digit; the single space before it belongs to it, except before a digit. Marks belong to what they stand on. These are SentencePiece's
/// cuts (by white space, digits and script), but that letters of different scripts are not told apart.
/// </summary>
internal sealed class WordCounter
{
    /// <summary>Longer words are cut; it bounds the work for each merge in a word.</summary>
    public const int LongestWord = 256;

    private readonly AddedTokenMatcher literals;
    private readonly bool splitDigits;
    private readonly Dictionary<string, long> words = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long>.AlternateLookup<ReadOnlySpan<char>> lookup;

    public WordCounter(AddedTokenMatcher literals, bool splitDigits)
    {
        this.literals = literals;
        this.splitDigits = splitDigits;
        lookup = words.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    private enum Kind
    {
        None,
        Letter,
        Other,
        Mark,
        Digit,
        Space,
        HalfPair,
    }

    /// <summary>The words and how often they occur, with a space as it stood in the text.</summary>
    public IReadOnlyDictionary<string, long> Words => words;

    /// <summary>Characters of all texts.</summary>
    public long Characters { get; private set; }

    /// <summary>Spaces in runs, which are in no word.</summary>
    public long SpacesInRuns { get; private set; }

    /// <summary>Tokens that do not depend on what is learned: literals, runs of spaces, the bytes of what is no character.</summary>
    public long FixedTokens { get; private set; }

    /// <summary>Counts the words of a text.</summary>
    public void Add(ReadOnlySpan<char> text)
    {
        char before = '\0';
        foreach (char character in text)
        {
            Characters += char.IsSurrogatePair(before, character) ? 0 : 1;
            before = character;
        }

        for (int at = 0; at < text.Length;)
        {
            AddedToken? token = literals.Find(text, at, parseSpecial: true, out int start, out int end);
            AddPlain(text[at..start]);
            FixedTokens += token is null ? 0 : 1;
            at = end;
        }
    }

    private void AddPlain(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            int spaces = CountSpaces(text);
            if (spaces > 1)
            {
                SpacesInRuns += spaces;
                FixedTokens += (spaces + GemmaPieces.LongestRun - 1) / GemmaPieces.LongestRun;
                text = text[spaces..];
                continue;
            }

            int length = WordLength(text[spaces..], out Kind kind);
            if (kind == Kind.HalfPair && spaces == 0)
            {
                // The bytes of U+FFFD.
                FixedTokens += 3;
                text = text[length..];
                continue;
            }

            length = kind is Kind.Digit or Kind.HalfPair && spaces > 0 ? spaces : spaces + length;
            CollectionsMarshal.GetValueRefOrAddDefault(lookup, text[..length], out _)++;
            text = text[length..];
        }
    }

    private static int CountSpaces(ReadOnlySpan<char> text)
    {
        int other = text.IndexOfAnyExcept(' ', GemmaPieces.Space);
        return other < 0 ? text.Length : other;
    }

    // The length of the word that begins here, 0 at a space or the end.
    private int WordLength(ReadOnlySpan<char> text, out Kind kind)
    {
        kind = Kind.None;
        int at = 0;
        while (at < text.Length)
        {
            Kind next = KindOf(text[at..], out int length);
            if (next is Kind.Digit or Kind.HalfPair && at == 0)
            {
                kind = next;
                return length;
            }

            if (next is Kind.Digit or Kind.HalfPair or Kind.Space || at + length > LongestWord)
            {
                break;
            }

            if (next != Kind.Mark && kind != Kind.None && next != kind)
            {
                break;
            }

            kind = next == Kind.Mark ? kind : next;
            at += length;
        }

        return at;
    }

    private Kind KindOf(ReadOnlySpan<char> text, out int length)
    {
        if (char.IsAscii(text[0]))
        {
            length = 1;
            return char.IsAsciiLetter(text[0]) ? Kind.Letter
                : text[0] == ' ' ? Kind.Space
                : splitDigits && char.IsAsciiDigit(text[0]) ? Kind.Digit : Kind.Other;
        }

        if (Rune.DecodeFromUtf16(text, out Rune rune, out length) != OperationStatus.Done)
        {
            return Kind.HalfPair;
        }

        return rune.Value == GemmaPieces.Space ? Kind.Space : Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
                or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => Kind.Letter,
            UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark => Kind.Mark,
            UnicodeCategory.DecimalDigitNumber when splitDigits => Kind.Digit,
            _ => Kind.Other,
        };
    }
}
