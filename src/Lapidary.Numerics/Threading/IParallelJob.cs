namespace Lapidary.Numerics.Threading;

/// <summary>
/// Work that a <see cref="WorkerPool"/> runs on all its threads at once. Which worker computes an element may depend on timing;
/// how it is computed must not, so that results are the same for any number of threads.
/// </summary>
public interface IParallelJob
{
    /// <summary>Does the share of <paramref name="worker"/>, 0 to <paramref name="workers"/> - 1.</summary>
    void Execute(int worker, int workers);
}
