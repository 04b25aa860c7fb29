namespace Lapidary.Workbench.Training;

/// <summary>
/// One line of <c>metrics.jsonl</c>: what a step of training measured, or a validation, or both. What was not measured is null and is
/// left out of the file. Names in the file are those that TRL logs where it logs the same thing.
/// </summary>
public sealed record MetricsEntry
{
    /// <summary>The step of the optimizer that is done, from 1; <c>step</c>.</summary>
    public required long Step { get; init; }

    /// <summary>Passes over the data, with their fraction; <c>epoch</c>.</summary>
    public double? Epoch { get; init; }

    /// <summary>Loss of the step's batch in nats per target token; <c>loss</c>.</summary>
    public double? Loss { get; init; }

    /// <summary>The learning rate that the step was taken with; <c>learning_rate</c>.</summary>
    public double? LearningRate { get; init; }

    /// <summary>The norm of the whole gradient before clipping; <c>grad_norm</c>.</summary>
    public double? GradientNorm { get; init; }

    /// <summary>Share of the target tokens that the network found most likely, 0 to 1; <c>mean_token_accuracy</c>.</summary>
    public double? MeanTokenAccuracy { get; init; }

    /// <summary>Tokens that the network has seen since the beginning; <c>num_tokens</c>.</summary>
    public long? Tokens { get; init; }

    /// <summary>Tokens a second in this step; <c>tokens_per_second</c>.</summary>
    public double? TokensPerSecond { get; init; }

    /// <summary>Seconds since the beginning of the run, over all its processes; <c>seconds</c>.</summary>
    public double? Seconds { get; init; }

    /// <summary>Memory that is resident, in bytes; <c>memory_bytes</c>.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>
    /// Share of zeros, 0 to 1, among the weights of the matrices whose zeros are held, as the step's gradient saw them; <c>sparsity</c>.
    /// </summary>
    public double? Sparsity { get; init; }

    /// <summary>Loss on the validation data in nats per target token; <c>eval_loss</c>.</summary>
    public double? ValidationLoss { get; init; }

    /// <summary>Token accuracy on the validation data; <c>eval_mean_token_accuracy</c>.</summary>
    public double? ValidationAccuracy { get; init; }
}
