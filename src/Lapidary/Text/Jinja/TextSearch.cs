namespace Lapidary.Text.Jinja;

/// <summary>
/// Looks for a text in a text in a time that is linear in both. .NET's own search is faster for what occurs, but for long texts that
/// are made to defeat it the time is that of their product, and it cannot be interrupted.
/// </summary>
internal static class TextSearch
{
    // Below this the product is harmless.
    private const int ShortText = 64;

    /// <summary>The first place from <paramref name="from"/> on, or -1.</summary>
    public static int IndexOf(string text, string wanted, int from = 0)
    {
        if (wanted.Length <= ShortText)
        {
            return text.IndexOf(wanted, from, StringComparison.Ordinal);
        }

        return wanted.Length > text.Length - from ? -1 : Find(text, wanted, from, Borders(wanted));
    }

    /// <summary>The last place that ends at <paramref name="to"/> or before, or -1.</summary>
    public static int LastIndexOf(string text, string wanted, int to)
    {
        if (wanted.Length <= ShortText)
        {
            return text.AsSpan(0, to).LastIndexOf(wanted);
        }

        if (wanted.Length > to)
        {
            return -1;
        }

        string backward = Reverse(text[..to]);
        string pattern = Reverse(wanted);
        int at = Find(backward, pattern, 0, Borders(pattern));
        return at < 0 ? -1 : to - at - wanted.Length;
    }

    // Knuth, Morris and Pratt, "Fast pattern matching in strings", 1977.
    private static int Find(string text, string wanted, int from, int[] borders)
    {
        int matched = 0;
        for (int i = from; i < text.Length; i++)
        {
            while (matched > 0 && text[i] != wanted[matched])
            {
                matched = borders[matched - 1];
            }

            matched += text[i] == wanted[matched] ? 1 : 0;
            if (matched == wanted.Length)
            {
                return i + 1 - matched;
            }
        }

        return -1;
    }

    // For each beginning of the text the length of the longest proper beginning that is its end, too.
    private static int[] Borders(string wanted)
    {
        var borders = new int[wanted.Length];
        int length = 0;
        for (int i = 1; i < wanted.Length; i++)
        {
            while (length > 0 && wanted[i] != wanted[length])
            {
                length = borders[length - 1];
            }

            length += wanted[i] == wanted[length] ? 1 : 0;
            borders[i] = length;
        }

        return borders;
    }

    private static string Reverse(string text) => string.Create(text.Length, text, static (span, from) =>
    {
        from.CopyTo(span);
        span.Reverse();
    });
}
