using System.IO.Enumeration;
using System.Text.Json.Nodes;

namespace Lapidary.Workbench.Training;

/// <summary>How a model is trained. What is null follows from the method or from the data.</summary>
public sealed record TrainingOptions
{
    /// <summary>What is trained.</summary>
    public TrainingMethod Method { get; init; }

    /// <summary>Passes over the data, where <see cref="Steps"/> does not say otherwise.</summary>
    public double Epochs { get; init; } = 3;

    /// <summary>Steps of the optimizer.</summary>
    public long? Steps { get; init; }

    /// <summary>Examples (with packing: packed sequences) that go through the network together.</summary>
    public int BatchSize { get; init; } = 8;

    /// <summary>Such batches in a step.</summary>
    public int GradientAccumulation { get; init; } = 1;

    /// <summary>The largest learning rate; null for 2e-5 (full), 2e-4 (LoRA) and 1e-2 (prompt tuning).</summary>
    public double? LearningRate { get; init; }

    /// <summary>The course of the learning rate.</summary>
    public LearningRateScheduleKind Schedule { get; init; } = LearningRateScheduleKind.Linear;

    /// <summary>Steps of warm-up, or below 1 their share of all steps.</summary>
    public double Warmup { get; init; }

    /// <summary>Cosine: share of the largest learning rate at which the run ends.</summary>
    public double MinimumLearningRateShare { get; init; }

    /// <summary>The optimizer.</summary>
    public OptimizerOptions Optimizer { get; init; } = new();

    /// <summary>The norm to which a larger gradient is scaled down; 0 for no clipping.</summary>
    public double Clip { get; init; } = 1;

    /// <summary>Tokens of a sequence at most.</summary>
    public int MaxLength { get; init; } = 1024;

    /// <summary>Whether short examples are put together to sequences of <see cref="MaxLength"/>.</summary>
    public bool Pack { get; init; }

    /// <summary>Whether examples come in a new random order in each epoch.</summary>
    public bool Shuffle { get; init; } = true;

    /// <summary>How weights are kept and written.</summary>
    public WeightStorage Storage { get; init; }

    /// <summary>Name patterns (with * and ?) of tensors that full fine-tuning leaves as they are.</summary>
    public IReadOnlyList<string> Freeze { get; init; } = [];

    /// <summary>For LoRA.</summary>
    public LoraOptions Lora { get; init; } = new();

    /// <summary>For prompt tuning.</summary>
    public PromptOptions Prompt { get; init; } = new();

    /// <summary>A PEFT folder to go on from, instead of a new adapter.</summary>
    public string? Adapter { get; init; }

    /// <summary>Trains for this quantization; null for none.</summary>
    public QuantizationAwareFormat? Quantization { get; init; }

    /// <summary>Whether matrices of which at least a twentieth is zero keep their zeros.</summary>
    public bool KeepZeros { get; init; } = true;

    /// <summary>Makes weights zero in the course of a full fine-tuning; null for none.</summary>
    public GradualPruningOptions? Pruning { get; init; }

    /// <summary>What is learned from a teacher; null for training on labels alone.</summary>
    public DistillationOptions? Distillation { get; init; }

    /// <summary>Decides all random numbers.</summary>
    public ulong Seed { get; init; } = 42;

    /// <summary>Threads.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Keeps only the residual stream between layers and computes the rest of a layer again: less memory, a third more time.</summary>
    public bool ActivationCheckpointing { get; init; }

    /// <summary>Probability mass of a row whose gradient may be left out of the output matrix's products; 0 for none.</summary>
    public double LossFilter { get; init; } = 1e-6;

    /// <summary>Steps between validations; null for a tenth of all.</summary>
    public long? EvaluateEvery { get; init; }

    /// <summary>Steps between checkpoints; null for a tenth of all.</summary>
    public long? SaveEvery { get; init; }

    /// <summary>Checkpoints that are kept.</summary>
    public int KeepLast { get; init; } = 2;

    /// <summary>Whether the model with the lowest validation loss is what is written in the end, instead of the last one.</summary>
    public bool KeepBest { get; init; } = true;

    /// <summary>The learning rate in use.</summary>
    public double EffectiveLearningRate => LearningRate ?? Method switch
    {
        TrainingMethod.Full => 2e-5,
        TrainingMethod.Lora => 2e-4,
        _ => 1e-2,
    };

    /// <summary>Whether a pattern of <see cref="Freeze"/> names a tensor.</summary>
    internal bool IsFrozen(string name) => Freeze.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false));

    /// <summary>What decides the outcome: a resumed run must have the same.</summary>
    internal JsonObject Fingerprint(long totalSteps) => new()
    {
        ["method"] = Method.ToString(),
        ["total_steps"] = totalSteps,
        ["batch_size"] = BatchSize,
        ["gradient_accumulation_steps"] = GradientAccumulation,
        ["learning_rate"] = EffectiveLearningRate,
        ["lr_scheduler_type"] = Schedule.ToString(),
        ["warmup"] = Warmup,
        ["min_lr_rate"] = MinimumLearningRateShare,
        ["optimizer"] = Optimizer.ToString(),
        ["max_grad_norm"] = Clip,
        ["max_length"] = MaxLength,
        ["packing"] = Pack,
        ["shuffle"] = Shuffle,
        ["storage"] = Storage.ToString(),
        ["freeze"] = new JsonArray([.. Freeze.Select(pattern => (JsonNode)pattern)]),
        ["lora"] = Method == TrainingMethod.Lora ? $"{Lora with { Targets = [] }} {string.Join(',', Lora.Targets)}" : null,
        ["prompt"] = Method == TrainingMethod.Prompt ? Prompt.ToString() : null,
        ["quantization"] = Quantization?.ToString(),
        ["keep_zeros"] = KeepZeros,
        ["pruning"] = Pruning?.Fingerprint(totalSteps),
        ["distillation"] = Distillation?.ToString(),
        ["loss_filter"] = LossFilter,
    };
}
