namespace Lapidary.Text.Data;

/// <summary>The data of one step of the optimizer.</summary>
public sealed class StepBatches
{
    internal StepBatches(long step, long epoch, IReadOnlyList<TrainingBatch> batches)
    {
        Step = step;
        Epoch = epoch;
        Batches = batches;
        TargetCount = batches.Sum(batch => (long)batch.TargetCount);
        TokenCount = batches.Sum(batch => (long)batch.Tokens.Length);
    }

    /// <summary>Which step it is, from 0, over all epochs.</summary>
    public long Step { get; }

    /// <summary>Which pass over the data it belongs to, from 0.</summary>
    public long Epoch { get; }

    /// <summary>The micro-batches whose gradients are added up.</summary>
    public IReadOnlyList<TrainingBatch> Batches { get; }

    /// <summary>Targets of all micro-batches together, which the loss of the step is divided by.</summary>
    public long TargetCount { get; }

    /// <summary>Tokens of all micro-batches together.</summary>
    public long TokenCount { get; }
}
