namespace Lapidary.Text.Tokenizers;

/// <summary>Cuts text into words at a literal; merges never cross the border of a word.</summary>
internal sealed class TextSplitter(string pattern, SplitBehavior behavior)
{
    /// <summary>What text is cut at.</summary>
    public string Pattern => pattern;

    /// <summary>The next word.</summary>
    /// <param name="rest">What is left of the text; moves on.</param>
    /// <param name="word">The word.</param>
    /// <returns>False at the end of the text.</returns>
    public bool TryNext(ref ReadOnlySpan<char> rest, out ReadOnlySpan<char> word)
    {
        if (behavior == SplitBehavior.Removed)
        {
            while (rest.StartsWith(pattern, StringComparison.Ordinal))
            {
                rest = rest[pattern.Length..];
            }
        }

        if (rest.IsEmpty)
        {
            word = default;
            return false;
        }

        int length = WordLength(rest);
        word = rest[..length];
        rest = rest[length..];
        return true;
    }

    private int WordLength(ReadOnlySpan<char> rest)
    {
        bool leads = rest.StartsWith(pattern, StringComparison.Ordinal);
        switch (behavior)
        {
            case SplitBehavior.Isolated when leads:
            case SplitBehavior.MergedWithPrevious when leads:
                return pattern.Length;
            case SplitBehavior.Contiguous when leads:
                int run = pattern.Length;
                while (rest[run..].StartsWith(pattern, StringComparison.Ordinal))
                {
                    run += pattern.Length;
                }

                return run;
            default:
                int from = leads ? pattern.Length : 0;
                int next = rest[from..].IndexOf(pattern, StringComparison.Ordinal);
                return next < 0 ? rest.Length
                    : behavior == SplitBehavior.MergedWithPrevious ? next + pattern.Length
                    : from + next;
        }
    }
}
