using System.Runtime.InteropServices;
using Lapidary.Inference;
using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Threading;
using Lapidary.Text.Data;
using Lapidary.Workbench.Training.Tape;

namespace Lapidary.Workbench.Training;

/// <summary>
/// Steps of the optimizer and validations, without files. What step n does is a function of the parameters, the state of the optimizer,
/// the options and n alone, so that a run can go on from any step.
/// </summary>
internal sealed unsafe class TrainingLoop : IDisposable
{
    private readonly TrainingOptions options;
    private readonly WorkerPool pool;
    private readonly BatchPlan plan;
    private readonly LearningRateSchedule schedule;
    private readonly StepLoss loss;
    private readonly GradualPruning? pruning;
    private readonly TapeExecutor executor;

    public TrainingLoop(
        TrainedModel model,
        TrainingOptions options,
        TrainingData data,
        long totalSteps,
        StepLoss loss,
        GradualPruning? pruning,
        WorkerPool pool)
    {
        Model = model;
        this.options = options;
        this.loss = loss;
        this.pruning = pruning;
        this.pool = pool;
        plan = PlanOf(options, data);
        schedule = new LearningRateSchedule(
            options.Schedule,
            options.EffectiveLearningRate,
            totalSteps,
            options.Warmup < 1 ? LearningRateSchedule.WarmupStepsOf(options.Warmup, totalSteps) : (long)options.Warmup,
            options.MinimumLearningRateShare);
        executor = new TapeExecutor(model, pool, options.ActivationCheckpointing);
        Optimizer = Optimizer.Create(options.Optimizer with { Seed = options.Seed });
        foreach (Parameter parameter in model.Parameters)
        {
            Optimizer.Add(parameter.Name, parameter.Value, parameter.Gradient, parameter.Decays);
        }
    }

    public TrainedModel Model { get; }

    public Optimizer Optimizer { get; }

    public BatchPlan Plan => plan;

    public long ActivationBytes => executor.ActivationBytes;

    /// <summary>Steps that go over the data once.</summary>
    public static BatchPlan PlanOf(TrainingOptions options, TrainingData data) =>
        new(data, options.BatchSize, options.GradientAccumulation, options.MaxLength, options.Pack, options.Shuffle, options.Seed);

    /// <summary>Computes the loss and the gradient of a step; the parameters stay as they are.</summary>
    /// <param name="step">Which, from 0.</param>
    /// <exception cref="NonFiniteException">NaN or infinity appeared in the forward pass.</exception>
    public StepResult ComputeGradient(long step)
    {
        StepBatches batches = plan.Step(step);
        foreach (Parameter parameter in Model.Parameters)
        {
            NativeMemory.Clear(parameter.GradientPointer, (nuint)parameter.Gradient.ByteLength);
        }

        var sums = new LossSums();
        for (int i = 0; i < batches.Batches.Count; i++)
        {
            TapeBatch batch = TapeBatch.From(batches.Batches[i]);
            ILogitLoss rows = loss.Begin(batch, batches.Batches[i].Examples, 1f / batches.TargetCount);
            executor.Train(batch.WithSoftPrompt(VirtualTokens), rows, options.LossFilter, DropoutSeed(step, i));
            loss.Collect(sums);
        }

        (double norm, string? nonFinite, double? sparsity) = Norm();
        return new StepResult(
            sums.Mean, sums.Accuracy, norm, schedule.At(step), batches.TokenCount, nonFinite, sparsity, Examples(batches));
    }

    /// <summary>Does what comes before the first step of a run: the pruning of step 0, and what is computed from the parameters.</summary>
    public void Begin()
    {
        if (pruning?.Apply(0, Optimizer, pool) == true)
        {
            Model.Refresh();
        }
    }

    /// <summary>Takes the step whose gradient was computed.</summary>
    /// <returns>Whether weights were pruned after it.</returns>
    public bool Apply(long step, in StepResult result)
    {
        // As torch.nn.utils.clip_grad_norm_.
        double norm = result.GradientNorm;
        double scale = options.Clip > 0 ? Math.Min(1, options.Clip / (norm + 1e-6)) : 1;
        Optimizer.Step(pool, result.LearningRate, scale, step + 1);
        bool pruned = pruning?.Apply(step + 1, Optimizer, pool) == true;
        Model.Refresh();
        return pruned;
    }

    /// <summary>Mean loss and accuracy on other data; optionally the losses of each example.</summary>
    /// <param name="data">What is gone over once, in its order.</param>
    /// <param name="rows">Which loss.</param>
    /// <param name="examples">Receives the loss of each example.</param>
    /// <param name="cancellation">Stops in between.</param>
    public LossSums Evaluate(TrainingData data, StepLoss rows, List<ExampleLoss>? examples, CancellationToken cancellation)
    {
        var sums = new LossSums();
        var order = new BatchPlan(data, options.BatchSize, gradientAccumulation: 1, options.MaxLength, pack: false, shuffle: false, seed: 0);
        for (long step = 0; step < order.StepsPerEpoch; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            TrainingBatch next = order.Step(step).Batches[0];
            TapeBatch batch = TapeBatch.From(next);
            executor.Evaluate(batch.WithSoftPrompt(VirtualTokens), rows.Begin(batch, next.Examples, 1f));
            examples?.AddRange(ExampleLoss.Of(batch, rows.RowLosses));
            rows.Collect(sums);
        }

        return sums;
    }

    /// <summary>The examples of a step, as indices into the data.</summary>
    public IReadOnlyList<int> Examples(long step) => Examples(plan.Step(step));

    public void Dispose()
    {
        Optimizer.Dispose();
        executor.Dispose();
    }

    private static int[] Examples(StepBatches batches) => [.. batches.Batches.SelectMany(batch => batch.Examples)];

    private int VirtualTokens => (int)(Model.SoftPrompt?.Value.Rows ?? 0);

    private ulong DropoutSeed(long step, int microBatch) =>
        Numerics.SplitMix64.SeedOf(Numerics.SplitMix64.SeedOf(options.Seed, unchecked((int)step) + 1), microBatch + 1);

    private (double Norm, string? NonFinite, double? Sparsity) Norm()
    {
        double squares = 0;
        long zeros = 0, held = 0;
        string? first = null;
        foreach (Parameter parameter in Model.Parameters)
        {
            zeros += parameter.MaskGradient(pool);
            held += parameter.IsMasked ? parameter.Value.Length : 0;
            (double sum, long nonFinite) = GradientNorm.SquaredSum(pool, parameter.GradientPointer, parameter.Gradient.Length);
            first ??= nonFinite >= 0 ? parameter.Name : null;
            squares += sum;
        }

        return (first is null ? Math.Sqrt(squares) : double.NaN, first, held == 0 ? null : zeros / (double)held);
    }
}
