namespace Lapidary.Workbench.Training;

/// <summary>
/// The cubic schedule of gradual pruning (Zhu and Gupta 2017, equation 1): fast at first, where many weights are redundant, and slower
/// towards the end: s(t) = s_f + (s_i - s_f) (1 - (t - t_0) / (t_n - t_0))^3.
/// </summary>
public sealed class PruningSchedule
{
    /// <summary>Sets the course.</summary>
    /// <param name="initialSparsity">s_i, the share of zeros after the first pruning.</param>
    /// <param name="finalSparsity">s_f, the share of zeros after the last one, above 0 and below 1.</param>
    /// <param name="start">t_0, steps of the optimizer before the first pruning.</param>
    /// <param name="end">t_n, steps before the last pruning; the same as <paramref name="start"/> for a single one.</param>
    /// <param name="every">Steps between two prunings. The last distance is shorter where it does not divide t_n - t_0.</param>
    /// <param name="totalSteps">Steps of the run.</param>
    /// <exception cref="ArgumentException">A value is out of range, or the sparsity or the time would run backward.</exception>
    public PruningSchedule(double initialSparsity, double finalSparsity, long start, long end, long every, long totalSteps)
    {
        if (!(finalSparsity is > 0 and < 1))
        {
            throw new ArgumentException(FormattableString.Invariant($"The final sparsity lies above 0 and below 1, not at {finalSparsity}."));
        }

        if (!(initialSparsity >= 0 && initialSparsity <= finalSparsity))
        {
            throw new ArgumentException(FormattableString.Invariant(
                $"Pruning begins with a sparsity from 0 to its final one, {finalSparsity}, not with {initialSparsity}."));
        }

        if (start < 0 || start > end)
        {
            throw new ArgumentException($"Pruning that begins at step {start} cannot end at step {end}.");
        }

        if (end > totalSteps)
        {
            throw new ArgumentException($"Pruning cannot end at step {end} of a run of {totalSteps} steps.");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(every, 1);
        InitialSparsity = initialSparsity;
        FinalSparsity = finalSparsity;
        Start = start;
        End = end;
        Every = every;
    }

    /// <summary>s_i.</summary>
    public double InitialSparsity { get; }

    /// <summary>s_f.</summary>
    public double FinalSparsity { get; }

    /// <summary>t_0.</summary>
    public long Start { get; }

    /// <summary>t_n.</summary>
    public long End { get; }

    /// <summary>Steps between two prunings.</summary>
    public long Every { get; }

    /// <summary>Whether weights are pruned when so many steps are done.</summary>
    public bool IsDue(long steps) => steps == End || (steps >= Start && steps < End && (steps - Start) % Every == 0);

    /// <summary>The share of zeros that is wanted when so many steps are done; 0 before the first pruning.</summary>
    public double At(long steps)
    {
        if (steps < Start)
        {
            return 0;
        }

        if (steps >= End)
        {
            return FinalSparsity;
        }

        double left = 1 - ((steps - Start) / (double)(End - Start));
        return FinalSparsity + ((InitialSparsity - FinalSparsity) * (left * left * left));
    }
}
