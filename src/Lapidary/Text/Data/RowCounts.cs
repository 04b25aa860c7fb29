namespace Lapidary.Text.Data;

/// <summary>What happened to rows while they were read.</summary>
internal sealed class RowCounts
{
    /// <summary>Rows that are kept with their reason; all others are only counted.</summary>
    private const int MostKept = 100;

    private readonly List<UnusableRow> unusable = [];

    /// <summary>The first rows that could not be used.</summary>
    public IReadOnlyList<UnusableRow> Unusable => unusable;

    /// <summary>Rows that could not be used.</summary>
    public long UnusableCount { get; private set; }

    /// <summary>Rows that were cut at their end.</summary>
    public long TruncatedCount { get; set; }

    /// <summary>Rows whose prompt is no prefix of the whole, in tokens.</summary>
    public long InexactPromptCount { get; set; }

    /// <summary>Counts a row that could not be used.</summary>
    public void Refuse(UnusableRow row)
    {
        UnusableCount++;
        if (unusable.Count < MostKept)
        {
            unusable.Add(row);
        }
    }
}
