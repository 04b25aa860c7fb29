namespace Lapidary.Workbench.Training;

/// <summary>Losses of some rows, added up.</summary>
internal sealed class LossSums
{
    /// <summary>Sum of the losses that are minimised, in nats.</summary>
    public double Loss { get; set; }

    /// <summary>Rows.</summary>
    public long Targets { get; set; }

    /// <summary>Rows whose target was the most likely token; null where that is not counted.</summary>
    public long? Correct { get; set; }

    /// <summary>Mean loss.</summary>
    public double Mean => Loss / Targets;

    /// <summary>Share of correct rows; NaN where they are not counted.</summary>
    public double Accuracy => Correct is long correct ? correct / (double)Targets : double.NaN;
}
