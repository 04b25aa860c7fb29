using System.Collections.Immutable;
using Lapidary.Inference.Sampling;

namespace Lapidary.Inference.Generation;

/// <summary>What is to be generated.</summary>
public sealed record GenerationRequest
{
    /// <summary>The tokens to continue, at least one.</summary>
    public required ImmutableArray<int> Prompt { get; init; }

    /// <summary>How tokens are chosen.</summary>
    public SamplingOptions Sampling { get; init; } = new();

    /// <summary>Generates at most this many tokens, 0 to look at the prompt only; null for as many as fit into the context.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Tokens that end the generation; null for those of the model's configuration, empty for none.</summary>
    public ImmutableHashSet<int>? StopTokens { get; init; }

    /// <summary>
    /// Asked after every token that is not a stop token, in order, before the next one is computed: whether the generation ends with
    /// it. Runs on the thread of the decode loop, so it must be quick and must not wait for the generator.
    /// </summary>
    public Func<int, bool>? StopWhen { get; init; }

    /// <summary>Gives the probability of every generated token with this many alternatives, which may be 0; null for none of it.</summary>
    public int? LogProbabilities { get; init; }

    /// <summary>
    /// Gives the probabilities of the prompt's tokens too, with as many alternatives as <see cref="LogProbabilities"/> says. The
    /// prompt is then processed as a whole.
    /// </summary>
    public bool PromptLogProbabilities { get; init; }
}
