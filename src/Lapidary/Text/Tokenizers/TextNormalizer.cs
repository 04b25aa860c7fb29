using System.Buffers;

namespace Lapidary.Text.Tokenizers;

/// <summary>What is done to text before pieces are looked for: a list of literal replacements and prefixes.</summary>
internal sealed class TextNormalizer(IReadOnlyList<TextNormalizer.Step> steps)
{
    /// <summary>Leaves text as it is.</summary>
    public static readonly TextNormalizer None = new([]);

    /// <summary>SentencePiece's mark for a space.</summary>
    public const char SpaceMark = '\u2581';

    // Gemma's only step, which has a fast form.
    private readonly (char From, char To)? single =
        steps is [{ Pattern.Length: 1, Content.Length: 1 } only] ? (only.Pattern[0], only.Content[0]) : null;

    /// <summary>SentencePiece's normalization, as far as Gemma uses it.</summary>
    /// <param name="addsPrefix">Whether a space is put in front of the text.</param>
    /// <param name="escapesSpaces">Whether spaces become <see cref="SpaceMark"/>.</param>
    public static TextNormalizer OfSentencePiece(bool addsPrefix, bool escapesSpaces)
    {
        Step[] prefix = addsPrefix ? [new Step(string.Empty, " ")] : [];
        Step[] escape = escapesSpaces ? [new Step(" ", SpaceMark.ToString())] : [];
        return new TextNormalizer([.. prefix, .. escape]);
    }

    /// <summary>Whether this is <see cref="OfSentencePiece"/> with escaped spaces, however its steps are written.</summary>
    /// <param name="addsPrefix">Whether a space is put in front of the text.</param>
    public bool IsSentencePiece(out bool addsPrefix)
    {
        var escape = new Step(" ", SpaceMark.ToString());
        addsPrefix = steps.Count == 2;
        return (steps.Count == 1 && steps[0] == escape)
            || (addsPrefix && steps.Contains(escape)
                && (steps[0] == new Step(string.Empty, SpaceMark.ToString()) || steps[0] == new Step(string.Empty, " ") || steps[1] == new Step(string.Empty, SpaceMark.ToString())));
    }

    /// <summary>Normalizes text that is not empty.</summary>
    /// <param name="text">The text.</param>
    /// <param name="rented">A pooled array that the caller gives back, or null.</param>
    public ReadOnlySpan<char> Apply(ReadOnlySpan<char> text, out char[]? rented)
    {
        rented = null;
        if (steps.Count == 0)
        {
            return text;
        }

        if (single is (char from, char to))
        {
            rented = ArrayPool<char>.Shared.Rent(text.Length);
            text.Replace(rented, from, to);
            return rented.AsSpan(0, text.Length);
        }

        return Apply(text.ToString());
    }

    /// <summary>Normalizes a short text.</summary>
    public string Apply(string text)
    {
        foreach (Step step in steps)
        {
            text = step.Pattern.Length == 0 ? step.Content + text : text.Replace(step.Pattern, step.Content, StringComparison.Ordinal);
        }

        return text;
    }

    /// <summary>One step.</summary>
    /// <param name="Pattern">What is replaced; empty to put <paramref name="Content"/> in front of the text.</param>
    /// <param name="Content">What comes in its place.</param>
    public sealed record Step(string Pattern, string Content);
}
