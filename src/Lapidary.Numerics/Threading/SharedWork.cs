namespace Lapidary.Numerics.Threading;

/// <summary>Decides whether a piece of work is worth the hand-over to other threads.</summary>
internal static class SharedWork
{
    // About two microseconds of one core: several times what an empty region costs when the workers are awake.
    private const long MinimumElements = 8192;

    /// <summary>
    /// Runs <paramref name="job"/> on all workers, or on the caller alone when there is too little to share. The result is the same.
    /// </summary>
    /// <param name="pool">The workers.</param>
    /// <param name="job">Lives on the caller's stack.</param>
    /// <param name="elements">Elements that are read and written once, or as much work as that.</param>
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
