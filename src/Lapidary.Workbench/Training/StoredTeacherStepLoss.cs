using Lapidary.Checkpoints;
using Lapidary.Numerics.Kernels;
using Lapidary.Workbench.Training.Tape;

namespace Lapidary.Workbench.Training;

/// <summary>The loss of a student against what a teacher said before.</summary>
internal sealed class StoredTeacherStepLoss(DistillationOptions options, TeacherFile file) : StepLoss, IDisposable
{
    private readonly StoredTeacherLogits teacher = new();
    private readonly List<int> tokens = [];
    private readonly List<float> logProbabilities = [];
    private DistillationLoss? rows;

    public override ILogitLoss Begin(TapeBatch batch, ReadOnlySpan<int> examples, float factor)
    {
        tokens.Clear();
        logProbabilities.Clear();
        foreach (int example in examples)
        {
            tokens.AddRange(file.Tokens(example));
            logProbabilities.AddRange(file.LogProbabilities(example));
        }

        if (tokens.Count != batch.TargetCount * file.TopTokens)
        {
            throw new CheckpointException(file.Path, $"has {tokens.Count / file.TopTokens} targets for a batch of {batch.TargetCount}");
        }

        try
        {
            teacher.Begin([.. tokens], [.. logProbabilities], file.TopTokens);
        }
        catch (ArgumentException exception)
        {
            throw new CheckpointException(file.Path, exception.Message, exception);
        }

        rows ??= new DistillationLoss(options, teacher);
        rows.Begin(batch.WantedTargets, factor);
        return rows;
    }

    public override IEnumerable<double> RowLosses => DistillationStepLoss.Totals(rows!);

    public override void Collect(LossSums sums) => DistillationStepLoss.Collect(rows!, sums);

    public void Dispose() => rows?.Dispose();
}
