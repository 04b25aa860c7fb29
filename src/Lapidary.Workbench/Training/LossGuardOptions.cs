namespace Lapidary.Workbench.Training;

/// <summary>
/// When a run counts as lost. The defaults ask for five losses in a row that are each far above the last hundred, in three ways at once;
/// single spikes, which healthy runs have and recover from, pass.
/// </summary>
public sealed record LossGuardOptions
{
    /// <summary>How many losses of healthy steps are remembered.</summary>
    public int Window { get; init; } = 100;

    /// <summary>How many losses there must be before anything is judged; loss falls too steeply at the beginning.</summary>
    public int WarmUp { get; init; } = 20;

    /// <summary>A spike lies above the mean by more than this many standard deviations.</summary>
    public double Deviations { get; init; } = 6;

    /// <summary>A spike is more than this many times the mean.</summary>
    public double Factor { get; init; } = 1.5;

    /// <summary>A spike lies above the mean by more than this, in nats; spares runs whose loss is nearly zero.</summary>
    public double Rise { get; init; } = 0.5;

    /// <summary>So many spikes in a row stop the run; 0 never stops it for spikes.</summary>
    public int Patience { get; init; } = 5;
}
