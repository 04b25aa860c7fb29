using Lapidary.Checkpoints;
using Lapidary.Cli.CommandLine;
using Lapidary.Cli.Models;
using Lapidary.Cli.Output;
using Lapidary.Networks;
using Lapidary.Text;
using Lapidary.Text.Data;
using Lapidary.Workbench.Training;

namespace Lapidary.Cli.Commands.Training;

/// <summary>One training from the command line: opens what it needs, shows how it goes, and says what came out.</summary>
internal sealed class TrainingRun(Invocation invocation, TrainingInput input, string modelName)
{
    /// <summary>Trains, or with --dry-run only estimates.</summary>
    public void Execute(TrainingOptions options, string? teacher = null, string? teacherLogits = null)
    {
        string path = ModelLocator.Find(modelName);
        string folder = input.Output(invocation);
        CheckFolder(folder, path);
        using Checkpoint checkpoint = Checkpoint.Open(path);
        if (options.Method == TrainingMethod.Full && checkpoint.Format == CheckpointFormat.Gguf)
        {
            throw RequestException.Expected(
                path, "a Hugging Face folder, which full fine-tuning writes", "a GGUF file: convert it first, or train an adapter");
        }

        Gemma3Config config = Gemma3Config.From(checkpoint);
        config.Validate(checkpoint);
        Tokenizer? tokenizer = Tokenizer.Exists(path) ? Tokenizer.Open(path) : null;
        (TrainingData data, TrainingData? validation) = Load(options, path, tokenizer, config);
        using Checkpoint? teacherCheckpoint = teacher is null ? null : Checkpoint.Open(ModelLocator.Find(teacher));
        using TeacherFile? stored = teacherLogits is null ? null : TeacherFile.Open(teacherLogits, data);
        var inputs = new TrainingInputs
        {
            Checkpoint = checkpoint,
            Config = config,
            BaseName = modelName,
            BaseHash = CheckpointHash.Of(checkpoint),
            Data = data,
            Validation = validation,
            Teacher = teacherCheckpoint,
            StoredTeacher = stored,
            Tokenizer = tokenizer,
            RunFolder = folder,
        };
        CheckPruning(inputs, options);
        if (Estimate(inputs, options))
        {
            return;
        }

        using Trainer trainer = Prepare(inputs, options);
        invocation.Kept = $"checkpoints in {folder} are kept, --resume goes on from them";
        TrainingResult result;
        using (var line = new TrainingProgressLine())
        {
            result = trainer.Run(input.Resume(invocation), line, line.Log, invocation.Cancellation);
        }

        TrainingReport.Present(invocation, result, folder);
    }

    // Says what the run will need and refuses one that cannot fit; true where that was all that was asked for.
    private bool Estimate(TrainingInputs inputs, TrainingOptions options)
    {
        TrainingWorkload workload = WorkloadEstimator.Estimate(inputs, options, WorkloadEstimator.MeasureSpeed(options.Threads));
        var estimate = new TrainingEstimate(workload);
        bool dryRun = input.DryRun(invocation);
        if (dryRun)
        {
            EstimateReport.Present(invocation, estimate, workload);
        }
        else
        {
            Invocation.Log(EstimateReport.Line(estimate, workload));
        }

        (string, TrainingWorkload)[] others = options.Method == TrainingMethod.Full
            ? [("--method lora", WorkloadEstimator.Estimate(inputs, options with { Method = TrainingMethod.Lora }, workload.GigaflopsPerSecond))]
            : [];
        long checkpointBytes = (long)(workload.TrainedParameters * (workload.ValueBytesPerParameter + workload.StateBytesPerParameter));
        string? refusal = estimate.Refusal(MachineMemory.Read().AvailableBytes, others)
            ?? CheckpointSpace.Refusal(inputs.RunFolder, CheckpointSpace.FreeBytes(inputs.RunFolder), checkpointBytes, options.KeepLast, options.KeepBest);
        if (refusal is not null && !dryRun)
        {
            throw new RequestException(refusal);
        }

        if (refusal is not null)
        {
            Invocation.Log(refusal);
        }

        return dryRun;
    }

    // Before the estimate, so that a dry run says it too.
    private static void CheckPruning(TrainingInputs inputs, TrainingOptions options)
    {
        try
        {
            options.Pruning?.ScheduleOf(Trainer.StepsOf(options, inputs.Data));
        }
        catch (ArgumentException exception)
        {
            throw new RequestException(exception.Message);
        }
    }

    private static Trainer Prepare(TrainingInputs inputs, TrainingOptions options)
    {
        try
        {
            return new Trainer(inputs, options);
        }
        catch (ArgumentException exception)
        {
            throw new RequestException(exception.Message);
        }
    }

    private void CheckFolder(string folder, string model)
    {
        bool resume = input.Resume(invocation);
        if (!resume || !Directory.Exists(folder))
        {
            OutputPath.CheckFolder(folder, input.Overwrite(invocation), model);
        }
    }

    private (TrainingData Data, TrainingData? Validation) Load(TrainingOptions options, string model, Tokenizer? tokenizer, Gemma3Config config)
    {
        TrainingData data = input.Data.Load(invocation, model, tokenizer, config);
        if (input.EvalData(invocation) is string file)
        {
            return (data, input.Data.Load(invocation, "validation", file, model, tokenizer, config));
        }

        return input.EvalSplit(invocation) is double part ? data.Split(part, options.Seed) : (data, null);
    }
}
