namespace Lapidary.Numerics.Threading;

/// <summary>Rows that cost the same each, which the workers of a region take a few at a time.</summary>
internal struct SharedRows
{
    // Pieces per worker: one that is late or slow leaves most of its share to the others.
    private const int PiecesPerWorker = 4;

    private readonly int count;
    private int next;

    /// <summary>Rows 0 to <paramref name="count"/> - 1.</summary>
    public SharedRows(int count) => this.count = count;

    /// <summary>Takes the next rows, <paramref name="start"/> to <paramref name="end"/> - 1, unless all are taken.</summary>
    public bool TryTake(int workers, out int start, out int end)
    {
        int size = workers == 1 ? count : Math.Max(1, count / (workers * PiecesPerWorker));
        start = Volatile.Read(in next) < count ? Interlocked.Add(ref next, size) - size : count;
        end = Math.Min(count, start + size);
        return start < count;
    }
}
