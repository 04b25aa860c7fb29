namespace Lapidary.Cli.CommandLine;

/// <summary>Finds what a mistyped word was probably meant to be.</summary>
internal static class Suggestion
{
    /// <summary>"; did you mean 'x'?" for the nearest candidate within a third of the word's length, or an empty text.</summary>
    public static string For(string word, IEnumerable<string> candidates)
    {
        string? nearest = null;
        int distance = int.MaxValue;
        foreach (string candidate in candidates)
        {
            int current = Distance(word, candidate);
            if (current < distance)
            {
                (nearest, distance) = (candidate, current);
            }
        }

        return nearest is not null && distance <= Math.Max(1, (word.Length + 1) / 3) ? $"; did you mean '{nearest}'?" : string.Empty;
    }

    // Optimal string alignment: insertions, deletions, substitutions and swapped neighbours, the four slips of a typist.
    private static int Distance(string a, string b)
    {
        var rows = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
        {
            rows[i, 0] = i;
        }

        for (int j = 0; j <= b.Length; j++)
        {
            rows[0, j] = j;
        }

        for (int i = 1; i <= a.Length; i++)
        {
            for (int j = 1; j <= b.Length; j++)
            {
                int cost = a[i - 1] == b[j - 1] ? 0 : 1;
                int best = Math.Min(Math.Min(rows[i - 1, j] + 1, rows[i, j - 1] + 1), rows[i - 1, j - 1] + cost);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    best = Math.Min(best, rows[i - 2, j - 2] + 1);
                }

                rows[i, j] = best;
            }
        }

        return rows[a.Length, b.Length];
    }
}
