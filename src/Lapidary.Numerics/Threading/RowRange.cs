namespace Lapidary.Numerics.Threading;

/// <summary>The consecutive rows that one worker takes when every row costs the same.</summary>
internal readonly struct RowRange
{
    private RowRange(int start, int end)
    {
        Start = start;
        End = end;
    }

    public int Start { get; }

    public int End { get; }

    public static RowRange Of(int worker, int workers, int rows) =>
        new((int)((long)rows * worker / workers), (int)((long)rows * (worker + 1) / workers));
}

/// <summary>Runs the kernels whose rows are independent of each other.</summary>
internal static class RowParallel
{
    // Below this the hand-over to other threads costs more than the work: about two microseconds of one core.
    private const long MinimumElements = 8192;

    /// <summary>Runs <paramref name="job"/> on all workers, or on the caller alone when there is too little to share.</summary>
    public static void Run<TJob>(WorkerPool pool, ref TJob job, long elements)
        where TJob : struct, IParallelJob
    {
        if (elements < MinimumElements)
        {
            job.Execute(0, 1);
        }
        else
        {
            pool.Run(ref job);
        }
    }
}
