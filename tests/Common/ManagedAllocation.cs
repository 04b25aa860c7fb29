namespace Lapidary.Tests.Common;

/// <summary>Counts what a piece of work allocates on the managed heap.</summary>
internal static class ManagedAllocation
{
    /// <summary>
    /// The fewest bytes that the calling thread allocated in five runs. A collection that other tests set off gives back the rest of the
    /// thread's 8 KB of heap, which then counts as allocated; work that allocates does so every time.
    /// </summary>
    public static long Least(Action work)
    {
        long least = long.MaxValue;
        for (int run = 0; run < 5 && least > 0; run++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            work();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
