using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Threading;
using Lapidary.Workbench.Training.Tape;

namespace Lapidary.Workbench.Training;

/// <summary>The loss of a student against a teacher that runs beside it.</summary>
internal sealed unsafe class DistillationStepLoss : StepLoss, IDisposable
{
    private readonly TapeExecutor executor;
    private readonly DistillationLoss rows;

    /// <summary>Takes a teacher, of which nothing is trained; it stays with the caller.</summary>
    public DistillationStepLoss(DistillationOptions options, TrainedModel teacher, WorkerPool pool)
    {
        executor = new TapeExecutor(teacher, pool, checkpointing: false);
        rows = new DistillationLoss(
            options, new LiveTeacherLogits((_, firstRow, count, _, logits) => executor.Unembed(firstRow, count, logits)));
    }

    public override ILogitLoss Begin(TapeBatch batch, ReadOnlySpan<int> examples, float factor)
    {
        executor.KeepHidden(batch);
        rows.Begin(batch.WantedTargets, factor);
        return rows;
    }

    public override IEnumerable<double> RowLosses => Totals(rows);

    public override void Collect(LossSums sums)
    {
        Collect(rows, sums);
        executor.ReleaseAll();
    }

    internal static double[] Totals(DistillationLoss rows)
    {
        var totals = new double[rows.Losses.Length];
        for (int i = 0; i < totals.Length; i++)
        {
            totals[i] = rows.Losses[i].Total;
        }

        return totals;
    }

    internal static void Collect(DistillationLoss rows, LossSums sums)
    {
        foreach (DistillationRow row in rows.Losses)
        {
            sums.Loss += row.Total;
        }

        sums.Targets += rows.Losses.Length;
    }

    public void Dispose()
    {
        rows.Dispose();
        executor.Dispose();
    }
}
