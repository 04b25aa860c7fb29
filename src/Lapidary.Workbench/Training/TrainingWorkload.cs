namespace Lapidary.Workbench.Training;

/// <summary>The counts from which time and memory of a run follow.</summary>
public sealed record TrainingWorkload
{
    /// <summary>Parameters that are trained.</summary>
    public required long TrainedParameters { get; init; }

    /// <summary>Bytes of each trained value: 4 for float32, 2 for bfloat16.</summary>
    public int ValueBytesPerParameter { get; init; } = 4;

    /// <summary>Bytes of each gradient.</summary>
    public int GradientBytesPerParameter { get; init; } = 4;

    /// <summary>Bytes of optimizer state for each trained parameter: 8 for AdamW, 4 for SGD with momentum.</summary>
    public required double StateBytesPerParameter { get; init; }

    /// <summary>Bytes of weights that are read and not trained.</summary>
    public long FrozenBytes { get; init; }

    /// <summary>Bytes that depend on nothing here: a tile of logits, packing buffers, the runtime.</summary>
    public long FixedBytes { get; init; }

    /// <summary>Bytes of activations that a token keeps until the backward pass.</summary>
    public required long ActivationBytesPerToken { get; init; }

    /// <summary>The same with activation checkpointing, the layer that is being computed again included; null where that is not offered.</summary>
    public long? CheckpointedActivationBytesPerToken { get; init; }

    /// <summary>Whether activation checkpointing is on.</summary>
    public bool ActivationCheckpointing { get; init; }

    /// <summary>Sequences in a micro-batch.</summary>
    public int BatchSize { get; init; } = 1;

    /// <summary>Micro-batches in a step.</summary>
    public int GradientAccumulation { get; init; } = 1;

    /// <summary>The most tokens that a sequence has.</summary>
    public required long TokensPerSequence { get; init; }

    /// <summary>Steps of the run.</summary>
    public required long Steps { get; init; }

    /// <summary>Tokens of the whole run; the most that there can be where left out.</summary>
    public long? Tokens { get; init; }

    /// <summary>
    /// Floating-point operations for a token, forward and backward: about 6 for each parameter of a matrix that is trained (2 forward, 4
    /// backward) and 4 for one that only lets the gradient through.
    /// </summary>
    public required double FlopsPerToken { get; init; }

    /// <summary>Billions of floating-point operations a second that the machine reaches in training, measured or assumed.</summary>
    public required double GigaflopsPerSecond { get; init; }
}
