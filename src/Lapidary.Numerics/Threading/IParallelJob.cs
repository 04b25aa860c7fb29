namespace Lapidary.Numerics.Threading;

/// <summary>
/// Work that the threads of a <see cref="WorkerPool"/> share. Every caller of <see cref="Execute"/> takes pieces from a common counter
/// until none is left, so that the work is done whoever comes. Which worker computes an element may vary; how it is computed must not,
/// so that results are the same for any number of threads.
/// </summary>
public interface IParallelJob
{
    /// <summary>Takes part as <paramref name="worker"/>, 0 to <paramref name="workers"/> - 1, and returns when no piece is left to take.</summary>
    void Execute(int worker, int workers);
}
