using System.Diagnostics;
using System.Text.Json.Nodes;
using Lapidary.Checkpoints;
using Lapidary.Inference;
using Lapidary.Networks;
using Lapidary.Numerics.Threading;
using Lapidary.Text.Data;
using Lapidary.Workbench.Compression;
using Lapidary.Workbench.Reports;

namespace Lapidary.Workbench.Training;

/// <summary>
/// A training run in a folder: checkpoints, <c>metrics.jsonl</c>, validations, and in the end the model or the adapter. A run that was
/// stopped at any moment goes on from its newest checkpoint and ends with the same bits.
/// </summary>
public sealed class Trainer : IDisposable
{
    private const string OptimizerFile = "optimizer.safetensors";

    private readonly TrainingOptions options;
    private readonly TrainingInputs inputs;
    private readonly WorkerPool pool;
    private readonly TrainedModel model;
    private readonly TunedParameters tuned;
    private readonly TrainingLoop loop;
    private readonly CheckpointStore store;
    private readonly TrainingMeter meter;
    private readonly LossGuard guard = new();
    private readonly StepLoss loss;
    private TrainedModel? teacher;
    private long? savedStep;

    /// <summary>Prepares a run; nothing is written yet.</summary>
    /// <param name="inputs">What is trained, on what, and where the run lives.</param>
    /// <param name="options">How.</param>
    /// <exception cref="ArgumentException">Options do not fit the model or each other.</exception>
    /// <exception cref="CheckpointException">A file is not valid.</exception>
    public Trainer(TrainingInputs inputs, TrainingOptions options)
    {
        this.inputs = inputs;
        this.options = options;
        TotalSteps = StepsOf(options, inputs.Data);
        pool = new WorkerPool(options.Threads);
        model = new TrainedModel(inputs.Checkpoint, inputs.Config);
        try
        {
            tuned = options.Method switch
            {
                TrainingMethod.Full => new FullParameters(options, pool),
                TrainingMethod.Lora => new LoraParameters(options, inputs.BaseName, pool),
                _ => new PromptParameters(options, inputs.Tokenizer, inputs.BaseName),
            };
            if (options.Pruning is not null && options.Method != TrainingMethod.Full)
            {
                throw new ArgumentException("Only full fine-tuning prunes.");
            }

            tuned.AttachTo(model);
            GradualPruning? pruning = options.Pruning is { } settings && tuned is FullParameters full
                ? new GradualPruning(settings, TotalSteps, full.Pruned)
                : null;
            loss = Loss();
            loop = new TrainingLoop(model, options, inputs.Data, TotalSteps, loss, pruning, pool);
            meter = new TrainingMeter(TotalSteps);
            store = new CheckpointStore(inputs.RunFolder, options.KeepLast, options.KeepBest);
        }
        catch
        {
            loop?.Dispose();
            (loss as IDisposable)?.Dispose();
            teacher?.Dispose();
            model.Dispose();
            pool.Dispose();
            throw;
        }
    }

    /// <summary>Steps of the whole run.</summary>
    public long TotalSteps { get; }

    /// <summary>Steps that a run with these options has on these data.</summary>
    public static long StepsOf(TrainingOptions options, TrainingData data)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(data);
        return options.Steps ?? (long)Math.Ceiling(options.Epochs * TrainingLoop.PlanOf(options, data).StepsPerEpoch);
    }

    /// <summary>Trains to the end.</summary>
    /// <param name="resume">Whether to go on from the newest checkpoint, if there is one; otherwise the folder's checkpoints are removed.</param>
    /// <param name="progress">Told after each step and each validation.</param>
    /// <param name="report">Told of what a person should know: a damaged checkpoint, where a run goes on.</param>
    /// <param name="cancellation">Stops after the present step, with a checkpoint.</param>
    /// <exception cref="TrainingDivergedException">The loss or a gradient is not finite, or the loss has run away; checkpoints are kept.</exception>
    /// <exception cref="CheckpointException">A checkpoint belongs to another run, or a file cannot be written.</exception>
    /// <exception cref="OperationCanceledException">The run was stopped.</exception>
    public TrainingResult Run(
        bool resume, IProgress<TrainingProgress>? progress, Action<string>? report, CancellationToken cancellation)
    {
        long step = resume ? Restore(report) : 0;
        if (!resume)
        {
            store.Clear();
        }

        if (tuned is FullParameters { Masked: { Count: > 0 } masked })
        {
            report?.Invoke($"{masked.Count} matrices are pruned, the first {masked[0]}: their zeros stay");
        }

        model.Refresh();
        using var metrics = new MetricsLog(inputs.RunFolder, step > 0 ? step : null);
        ValidationRecord? before = Before(step, metrics, cancellation);
        if (step == 0)
        {
            loop.Begin();
        }

        long evaluateEvery = options.EvaluateEvery ?? Math.Max(1, TotalSteps / 10);
        long saveEvery = options.SaveEvery ?? Math.Max(1, TotalSteps / 10);
        while (step < TotalSteps)
        {
            if (cancellation.IsCancellationRequested)
            {
                Stop(step);
            }

            TrainingProgress now = Step(step++, metrics);
            progress?.Report(now);
            bool isBest = false;
            if (inputs.Validation is not null && (step % evaluateEvery == 0 || step == TotalSteps))
            {
                LossSums sums = loop.Evaluate(inputs.Validation, new CrossEntropyStepLoss(), null, CancellationToken.None);
                metrics.Write(new MetricsEntry { Step = step, ValidationLoss = sums.Mean, ValidationAccuracy = sums.Accuracy });
                (now, isBest) = meter.Validation(now, sums.Mean);
                progress?.Report(now);
            }

            if ((step % saveEvery == 0 || isBest) && step < TotalSteps)
            {
                metrics.Flush();
                Save(step, isBest);
            }
        }

        return Finish(before, metrics);
    }

    /// <summary>Frees the model and the threads.</summary>
    public void Dispose()
    {
        loop.Dispose();
        (loss as IDisposable)?.Dispose();
        teacher?.Dispose();
        model.Dispose();
        pool.Dispose();
    }

    private StepLoss Loss()
    {
        if (options.Distillation is not { } distillation)
        {
            return new CrossEntropyStepLoss();
        }

        if (inputs.StoredTeacher is { } stored)
        {
            CheckVocabulary(stored.Path, stored.VocabularySize);
            return new StoredTeacherStepLoss(distillation, stored);
        }

        Checkpoint checkpoint = inputs.Teacher ?? throw new ArgumentException("Distillation needs a teacher.");
        Gemma3Config config = Gemma3Config.From(checkpoint);
        config.Validate(checkpoint);
        CheckVocabulary(checkpoint.Path, config.VocabularySize);
        teacher = new TrainedModel(checkpoint, config);
        return new DistillationStepLoss(distillation, teacher, pool);
    }

    private void CheckVocabulary(string path, int found)
    {
        if (found != inputs.Config.VocabularySize)
        {
            throw new CheckpointException(path, $"has a vocabulary of {found} tokens where the student's {inputs.Config.VocabularySize} were expected");
        }
    }

    private ValidationRecord? Before(long step, MetricsLog metrics, CancellationToken cancellation)
    {
        if (inputs.Validation is null || step > 0)
        {
            return inputs.Validation is null ? null : ValidationRecord.Read(inputs.RunFolder);
        }

        ValidationRecord record = Validate(cancellation, out LossSums sums);
        metrics.Write(new MetricsEntry { Step = 0, ValidationLoss = sums.Mean, ValidationAccuracy = sums.Accuracy });
        record.Write(inputs.RunFolder);
        return record;
    }

    private ValidationRecord Validate(CancellationToken cancellation, out LossSums sums)
    {
        List<ExampleLoss> losses = [], divergences = [];
        sums = loop.Evaluate(inputs.Validation!, new CrossEntropyStepLoss(), losses, cancellation);
        if (teacher is not null)
        {
            using var divergence = new DistillationStepLoss(new DistillationOptions(), teacher, pool);
            loop.Evaluate(inputs.Validation!, divergence, divergences, cancellation);
        }

        return new ValidationRecord(losses, divergences);
    }

    private TrainingProgress Step(long step, MetricsLog metrics)
    {
        long started = Stopwatch.GetTimestamp();
        StepResult result;
        try
        {
            result = loop.ComputeGradient(step);
        }
        catch (NonFiniteException exception)
        {
            throw new TrainingDivergedException(
                step + 1, $"training diverged at step {step + 1}: {exception.Message.TrimEnd('.')}; its batch holds {Named(step)}. {Kept()}");
        }

        guard.Check(step + 1, result.Loss, result.GradientNorm, Sources(result.Examples), result.NonFiniteTensor);
        if (loop.Apply(step, in result))
        {
            guard.Forget();
        }

        double epoch = (step + 1) / (double)loop.Plan.StepsPerEpoch;
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        TrainingProgress now = meter.Step(
            step + 1, epoch, result.Loss, result.LearningRate, result.GradientNorm, result.Tokens, seconds) with { Sparsity = result.Sparsity };
        metrics.Write(new MetricsEntry
        {
            Step = step + 1,
            Epoch = epoch,
            Loss = result.Loss,
            LearningRate = result.LearningRate,
            GradientNorm = result.GradientNorm,
            MeanTokenAccuracy = double.IsNaN(result.Accuracy) ? null : result.Accuracy,
            Tokens = meter.Tokens,
            TokensPerSecond = now.TokensPerSecond,
            Seconds = meter.Seconds,
            MemoryBytes = now.ResidentBytes,
            Sparsity = result.Sparsity,
        });
        return now;
    }

    private TrainingResult Finish(ValidationRecord? before, MetricsLog metrics)
    {
        ValidationRecord? after = inputs.Validation is null ? null : Validate(CancellationToken.None, out _);
        metrics.Flush();
        using (var output = new OutputFolder(inputs.RunFolder, overwrite: true))
        {
            tuned.Write(model, output, CancellationToken.None);
            output.Commit();
        }

        LossChart.Write(inputs.RunFolder);
        return new TrainingResult(
            meter.Summary([inputs.RunFolder]),
            ValidationChange.Of(before?.Loss, after?.Loss),
            ValidationChange.Of(before?.Divergence, after?.Divergence),
            Sparsity());
    }

    // Of the files, which may have another type than the weights in memory.
    private TrainedSparsity? Sparsity()
    {
        if (!model.Parameters.Any(parameter => parameter.IsMasked))
        {
            return null;
        }

        using Checkpoint written = Checkpoint.Open(inputs.RunFolder);
        PruningReport report = PruningReport.Of(written);
        return new TrainedSparsity(report.Linears, report.Model);
    }

    private void Stop(long step)
    {
        if (step > 0 && savedStep != step)
        {
            Save(step, isBest: false);
        }

        throw new OperationCanceledException(Kept());
    }

    private string Kept() => store.List() is [.., (long last, _)]
        ? $"The checkpoint of step {last} in {inputs.RunFolder} is kept; --resume goes on from there."
        : "No checkpoint was written yet.";

    private IReadOnlyList<(string File, int Line)> Sources(IEnumerable<int> examples) => [.. examples.Select(inputs.Data.Source)];

    private string Named(long step) =>
        string.Join(", ", Sources(loop.Examples(step).Take(4)).Select(source => $"{source.File}:{source.Line}"));

    private long Restore(Action<string>? report)
    {
        using TrainingCheckpoint? checkpoint = store.FindLatest(sentence => report?.Invoke(sentence));
        if (checkpoint is null)
        {
            report?.Invoke($"{inputs.RunFolder}: no checkpoint to resume from; the run begins anew");
            return 0;
        }

        TrainingState state = checkpoint.State;
        state.CheckResume(checkpoint.Path, options.Fingerprint(TotalSteps), inputs.Data.Hash, inputs.BaseHash, options.Seed);
        foreach (Parameter parameter in model.Parameters)
        {
            checkpoint.ReadInto(tuned.CheckpointFile, parameter.Name, parameter.Value);
        }

        checkpoint.ReadInto(OptimizerFile, loop.Optimizer.State);
        meter.Restore(state.Extra["meter"] as JsonObject ?? []);
        guard.Restore(state.Extra["guard"] as JsonObject ?? []);
        savedStep = state.Step;
        report?.Invoke($"{inputs.RunFolder}: goes on from step {state.Step} of {TotalSteps}");
        return state.Step;
    }

    private void Save(long step, bool isBest)
    {
        var state = new TrainingState
        {
            Step = step,
            Epoch = step / loop.Plan.StepsPerEpoch,
            Tokens = meter.Tokens,
            Seconds = meter.Seconds,
            BestValidationLoss = meter.Summary([]).BestValidationLoss ?? double.PositiveInfinity,
            BestStep = meter.Summary([]).BestStep,
            Seed = options.Seed,
            Options = options.Fingerprint(TotalSteps),
            DataHash = inputs.Data.Hash,
            BaseHash = inputs.BaseHash,
            ProgramVersion = typeof(Trainer).Assembly.GetName().Version?.ToString() ?? string.Empty,
            Extra = new JsonObject { ["meter"] = meter.Save(), ["guard"] = guard.Save() },
        };
        store.Save(
            state,
            [new TensorFile(tuned.CheckpointFile, tuned.CheckpointTensors(model)), new TensorFile(OptimizerFile, loop.Optimizer.State)],
            tuned.Companions(model),
            isBest);
        savedStep = step;
    }
}
