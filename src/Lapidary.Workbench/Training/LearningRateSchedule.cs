namespace Lapidary.Workbench.Training;

/// <summary>
/// The learning rate of every step: up in a straight line from zero, then as the kind says. The same numbers as the schedules
/// <c>get_linear_schedule_with_warmup</c>, <c>get_cosine_schedule_with_warmup</c> (with a minimum:
/// <c>get_cosine_with_min_lr_schedule_with_warmup</c>) and <c>get_constant_schedule_with_warmup</c> of transformers.
/// </summary>
public sealed class LearningRateSchedule
{
    private readonly double peak;
    private readonly double minimumRatio;

    /// <summary>A schedule.</summary>
    /// <param name="kind">What comes after the warm-up.</param>
    /// <param name="peak">The rate at the end of the warm-up.</param>
    /// <param name="totalSteps">Steps of the whole run, warm-up included.</param>
    /// <param name="warmupSteps">Steps of the warm-up; may be more than the run has.</param>
    /// <param name="minimumRatio">Cosine only: the share of the peak at which the run ends, in [0, 1].</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative, not finite or beyond its bounds.</exception>
    public LearningRateSchedule(
        LearningRateScheduleKind kind, double peak, long totalSteps, long warmupSteps, double minimumRatio = 0)
    {
        if (!Enum.IsDefined(kind))
        {
            throw new ArgumentOutOfRangeException(nameof(kind), kind, "There is no such schedule.");
        }

        if (!(peak >= 0 && double.IsFinite(peak)))
        {
            throw new ArgumentOutOfRangeException(nameof(peak), peak, "A learning rate is a finite number that is not negative.");
        }

        if (!(minimumRatio is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(minimumRatio), minimumRatio, "The share of the peak lies between 0 and 1.");
        }

        ArgumentOutOfRangeException.ThrowIfNegative(totalSteps);
        ArgumentOutOfRangeException.ThrowIfNegative(warmupSteps);
        Kind = kind;
        TotalSteps = totalSteps;
        WarmupSteps = warmupSteps;
        this.peak = peak;
        this.minimumRatio = minimumRatio;
    }

    /// <summary>What comes after the warm-up.</summary>
    public LearningRateScheduleKind Kind { get; }

    /// <summary>Steps of the whole run.</summary>
    public long TotalSteps { get; }

    /// <summary>Steps of the warm-up.</summary>
    public long WarmupSteps { get; }

    /// <summary>Steps of a warm-up that is given as a share of the run, rounded up as transformers does.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The share is not in [0, 1], or the steps are negative.</exception>
    public static long WarmupStepsOf(double share, long totalSteps)
    {
        if (!(share is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(share), share, "The share of the warm-up lies between 0 and 1.");
        }

        ArgumentOutOfRangeException.ThrowIfNegative(totalSteps);
        return (long)Math.Ceiling(share * totalSteps);
    }

    /// <summary>
    /// The learning rate of a step, counted from 0: the number of steps that have been taken before. With a warm-up the first one is
    /// zero, as in transformers.
    /// </summary>
    public double At(long step)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        if (step < WarmupSteps)
        {
            return peak * ((double)step / WarmupSteps);
        }

        double length = Math.Max(1, TotalSteps - WarmupSteps);
        return peak * Kind switch
        {
            LearningRateScheduleKind.Constant => 1,
            LearningRateScheduleKind.Linear => Math.Max(0, (TotalSteps - step) / length),
            _ => Cosine(Math.Min(1, (step - WarmupSteps) / length)),
        };
    }

    // Beyond the last step the cosine stays at its end; the formula of transformers would rise again.
    private double Cosine(double progress) =>
        Math.Max(0, (0.5 * (1 + Math.Cos(Math.PI * progress)) * (1 - minimumRatio)) + minimumRatio);
}
