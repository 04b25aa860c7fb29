using Lapidary.Numerics.Kernels;
using Lapidary.Workbench.Training.Tape;

namespace Lapidary.Workbench.Training;

/// <summary>The mean negative log-likelihood of the targets.</summary>
internal sealed class CrossEntropyStepLoss : StepLoss
{
    private readonly CrossEntropyLoss rows = new();

    public override ILogitLoss Begin(TapeBatch batch, ReadOnlySpan<int> examples, float factor)
    {
        rows.Begin(batch.WantedTargets, factor);
        return rows;
    }

    public override IEnumerable<double> RowLosses => rows.Losses.ToArray();

    public override void Collect(LossSums sums)
    {
        foreach (double loss in rows.Losses)
        {
            sums.Loss += loss;
        }

        sums.Targets += rows.Losses.Length;
        sums.Correct = (sums.Correct ?? 0) + rows.Correct.Count(true);
    }
}
