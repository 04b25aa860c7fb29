using System.CommandLine;
using Lapidary.Cli.CommandLine;
using Lapidary.Workbench.Training;

namespace Lapidary.Cli.Commands.Training;

/// <summary>The options that every training has: data, steps, optimizer, memory, files.</summary>
internal sealed class TrainingInput
{
    private const string Positive = "a number above 0";
    private const string Share = "a number from 0 to below 1";

    private readonly Option<string> evalData = Values.Text("--eval-data", "F", "Validation data, in the same forms.").As(OptionRole.Data);
    private readonly Option<double?> evalSplit = Values.OptionalDouble(
        "--eval-split", "Keep this share (below 1) or number of examples out of the data for validation.", value => value > 0, Positive);
    private readonly Option<string> output = CommonOptions.Output("DIR", "The folder of the run: checkpoints, metrics, and in the end the model.");
    private readonly Option<bool> overwrite = CommonOptions.Overwrite();
    private readonly Option<bool> resume = new Option<bool>("--resume") { Description = "Go on from the newest undamaged checkpoint in DIR." }.As(OptionRole.Neutral);
    private readonly Option<bool> dryRun = new Option<bool>("--dry-run") { Description = "Read the data, estimate time and memory, and stop." }.As(OptionRole.LookOnly);
    private readonly Option<double?> epochs = Values.OptionalDouble("--epochs", "Passes over the data (default 3).", value => value > 0, Positive);
    private readonly Option<int?> steps = Values.OptionalInteger("--steps", "Steps of the optimizer, in place of --epochs.", 1, int.MaxValue);
    private readonly Option<int> batchSize = Values.Integer("--batch-size", "Examples that go through the network together.", 1, 1 << 20, 8);
    private readonly Option<int> accumulation = Values.Integer("--grad-accum", "Batches whose gradients make one step.", 1, 1 << 20, 1);
    private readonly Option<double?> learningRate = Values.OptionalDouble(
        "--lr", "The largest learning rate (default 2e-5 full, 2e-4 LoRA, 1e-2 prompt).", value => value > 0, Positive);
    private readonly Option<LearningRateScheduleKind?> schedule = Values.Choice(
        "--schedule", "Course of the learning rate (default linear).",
        [("linear", LearningRateScheduleKind.Linear), ("cosine", LearningRateScheduleKind.Cosine), ("constant", LearningRateScheduleKind.Constant)]);
    private readonly Option<double> warmup = Values.Number(
        "--warmup", "Warm-up: a share of all steps (below 1) or a number of steps.", 0,
        value => value >= 0 && (value < 1 || value == Math.Floor(value)), "a share below 1 or a whole number of steps");
    private readonly Option<double> minimumRate = Values.Number(
        "--min-lr", "cosine: share of the largest learning rate at which the run ends.", 0, value => value is >= 0 and <= 1, "a number from 0 to 1");
    private readonly Option<double> weightDecay = Values.Number("--weight-decay", "Decoupled weight decay, on matrices only.", 0, value => value >= 0, "a number of at least 0");
    private readonly Option<double> clip = Values.Number("--clip", "Norm to which a larger gradient is scaled down; 0 for no clipping.", 1, value => value >= 0, "a number of at least 0");
    private readonly Option<OptimizerKind?> optimizer = Values.Choice(
        "--optimizer", "The optimizer (default adamw).",
        [("adamw", OptimizerKind.AdamW), ("adafactor", OptimizerKind.Adafactor), ("sgd", OptimizerKind.Sgd)]);
    private readonly Option<double> momentum = Values.Number("--momentum", "Momentum of sgd.", 0.9, value => value is >= 0 and < 1, Share);
    private readonly Option<bool> pack = new("--pack") { Description = "Put short examples together to sequences of --max-length; each attends to itself alone." };
    private readonly Option<bool> noShuffle = new("--no-shuffle") { Description = "Take the examples in the order of the file." };
    private readonly Option<WeightStorage?> storage = Values.Choice(
        "--dtype", "Type of the weights that are written; without it the base's, trained in float32. bf16 keeps them so while training.",
        [("f32", WeightStorage.F32), ("bf16", WeightStorage.BF16)]);
    private readonly Option<bool> checkpointing = new("--activation-checkpointing")
    {
        Description = "Compute activations again in the backward pass: a fraction of the memory, a third more time, the same result.",
    };

    private readonly Option<double> lossFilter = Values.Number(
        "--loss-filter", "Probability mass of a token whose gradient may be left out of the output matrix; 0 for none.", 1e-6,
        value => value is >= 0 and < 1, Share);
    private readonly Option<int?> evalEvery = Values.OptionalInteger("--eval-every", "Steps between validations (default: a tenth of all).", 1, int.MaxValue);
    private readonly Option<int?> saveEvery = Values.OptionalInteger("--save-every", "Steps between checkpoints (default: a tenth of all).", 1, int.MaxValue);
    private readonly Option<int> keepLast = Values.Integer("--keep-last", "Checkpoints that are kept, the best one beside them.", 1, 1000, 2);
    private readonly Option<long> seed = CommonOptions.Seed();
    private readonly Option<int> threads = CommonOptions.Threads();

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        Data.AddTo(command);
        foreach (Option option in new Option[]
        {
            output, evalData, evalSplit, resume, dryRun, overwrite, epochs, steps, batchSize, accumulation, learningRate, schedule,
            warmup, minimumRate, weightDecay, clip, optimizer, momentum, pack, noShuffle, storage, checkpointing, lossFilter,
            evalEvery, saveEvery, keepLast, seed, threads,
        })
        {
            command.Options.Add(option);
        }
    }

    /// <summary>What is learned from.</summary>
    public DataInput Data { get; } = new();

    /// <summary>The file or folder with the validation data, or null.</summary>
    public string? EvalData(Invocation invocation) => invocation.Get(evalData);

    /// <summary>The part of the data that is kept for validation, or null.</summary>
    public double? EvalSplit(Invocation invocation) => invocation.Get(evalSplit);

    /// <summary>The folder of the run.</summary>
    public string Output(Invocation invocation) => invocation.Get(output)!;

    /// <summary>Whether files in it may be replaced.</summary>
    public bool Overwrite(Invocation invocation) => invocation.Get(overwrite);

    /// <summary>Whether a run goes on.</summary>
    public bool Resume(Invocation invocation) => invocation.Get(resume);

    /// <summary>Whether only the estimate is wanted.</summary>
    public bool DryRun(Invocation invocation) => invocation.Get(dryRun);

    /// <summary>Puts the options together; what belongs to a method is left as it is.</summary>
    public TrainingOptions Options(Invocation invocation)
    {
        if (invocation.Has(epochs) && invocation.Has(steps))
        {
            throw RequestException.Expected("--steps", "--steps or --epochs", "both");
        }

        if (invocation.Has(evalData) && invocation.Has(evalSplit))
        {
            throw RequestException.Expected("--eval-split", "--eval-data or --eval-split", "both");
        }

        return new TrainingOptions
        {
            Epochs = invocation.Get(epochs) ?? 3,
            Steps = invocation.Get(steps),
            BatchSize = invocation.Get(batchSize),
            GradientAccumulation = invocation.Get(accumulation),
            LearningRate = invocation.Get(learningRate),
            Schedule = invocation.Get(schedule) ?? LearningRateScheduleKind.Linear,
            Warmup = invocation.Get(warmup),
            MinimumLearningRateShare = invocation.Get(minimumRate),
            Optimizer = new OptimizerOptions
            {
                Kind = invocation.Get(optimizer) ?? OptimizerKind.AdamW,
                WeightDecay = invocation.Get(weightDecay),
                Momentum = invocation.Get(momentum),
            },
            Clip = invocation.Get(clip),
            MaxLength = Data.MaxLength(invocation),
            Pack = invocation.Get(pack),
            Shuffle = !invocation.Get(noShuffle),
            Storage = invocation.Get(storage) ?? WeightStorage.Auto,
            ActivationCheckpointing = invocation.Get(checkpointing),
            LossFilter = invocation.Get(lossFilter),
            EvaluateEvery = invocation.Get(evalEvery),
            SaveEvery = invocation.Get(saveEvery),
            KeepLast = invocation.Get(keepLast),
            Seed = (ulong)invocation.Get(seed),
            Threads = invocation.Get(threads),
        };
    }
}
