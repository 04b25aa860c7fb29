namespace Lapidary.Text.Data.Parquet;

/// <summary>
/// Counts what the pages of a file become when they are decompressed. A page of a few kilobytes may become hundreds of megabytes, and a
/// file may have many columns, each with a page in memory, and many pages that hold no entry.
/// </summary>
/// <param name="mostHeld">The most bytes that are in memory at once.</param>
/// <param name="mostTotal">The most bytes of all pages.</param>
internal sealed class PageMemory(long mostHeld = 1L << 30, long mostTotal = 1L << 34)
{
    private long held;
    private long total;

    /// <summary>Begins another row group, of which nothing is in memory yet.</summary>
    public void BeginGroup() => held = 0;

    /// <summary>Counts bytes that are going to be in memory.</summary>
    /// <exception cref="ParquetException">They are too many.</exception>
    public void Take(long bytes)
    {
        held += bytes;
        total += bytes;
        if (held > mostHeld)
        {
            throw new ParquetException($"has pages in one row group that need more than {mostHeld} bytes when decompressed, which is more than is kept at once");
        }

        if (total > mostTotal)
        {
            throw new ParquetException($"has more than {mostTotal} bytes when decompressed, which is more than is read");
        }
    }

    /// <summary>Counts bytes that are no longer needed.</summary>
    public void Release(long bytes) => held -= bytes;
}
