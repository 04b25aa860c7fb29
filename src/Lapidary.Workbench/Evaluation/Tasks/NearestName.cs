namespace Lapidary.Workbench.Evaluation.Tasks;

/// <summary>The known name that somebody probably meant.</summary>
internal static class NearestName
{
    // Longer words are no slips of a typist, and the distance takes the product of the lengths.
    private const int Longest = 100;

    // So many names are read at a glance.
    private const int MostListed = 12;

    /// <summary>
    /// "; the nearest known one is 'x'" where a name is within a third of the length of what was given; else, of a few known names, all of
    /// them, and of many how to see them.
    /// </summary>
    /// <param name="given">The name that is not known.</param>
    /// <param name="known">Those that are.</param>
    /// <param name="seeAll">How to see all names, as the rest of a sentence behind a semicolon; null where there is no way.</param>
    public static string Hint(string given, IEnumerable<string> known, string? seeAll = null)
    {
        string? nearest = null;
        int least = int.MaxValue;
        string word = given.Length <= Longest ? given : given[..Longest];
        string[] names = [.. known.Order(StringComparer.Ordinal)];
        foreach (string name in names.Where(name => name.Length <= Longest))
        {
            int distance = Distance(word, name, least);
            if (distance < least)
            {
                (nearest, least) = (name, distance);
            }
        }

        return nearest is not null && least <= Math.Max(1, (given.Length + 1) / 3) ? $"; the nearest known one is '{nearest}'"
            : seeAll is not null ? "; " + seeAll
            : names.Length is > 0 and <= MostListed ? $"; known {(names.Length == 1 ? "is" : "are")} {string.Join(", ", names)}"
            : string.Empty;
    }

    // Levenshtein's distance with two rows.
    private static int Distance(string a, string b, int limit)
    {
        if (Math.Abs(a.Length - b.Length) >= limit)
        {
            return limit;
        }

        Span<int> above = stackalloc int[Longest + 1];
        Span<int> row = stackalloc int[Longest + 1];
        for (int j = 0; j <= b.Length; j++)
        {
            above[j] = j;
        }

        for (int i = 1; i <= a.Length; i++)
        {
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int change = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                row[j] = Math.Min(change, 1 + Math.Min(above[j], row[j - 1]));
            }

            Span<int> filled = row;
            row = above;
            above = filled;
        }

        return above[b.Length];
    }
}
