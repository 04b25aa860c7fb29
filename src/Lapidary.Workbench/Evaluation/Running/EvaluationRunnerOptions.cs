using System.Collections.Immutable;
using Lapidary.Inference.Scoring;
using Lapidary.Workbench.Evaluation.Requests;
using Lapidary.Workbench.Evaluation.Tasks;

namespace Lapidary.Workbench.Evaluation.Running;

/// <summary>How requests are put to a model.</summary>
public sealed record EvaluationRunnerOptions
{
    /// <summary>Tokens that the model sees at most; what is longer loses its beginning. Null for the context of the model.</summary>
    public int? MaxLength { get; init; }

    /// <summary>What log-probabilities and their sums are rounded to.</summary>
    public ScorePrecision Precision { get; init; }

    /// <summary>
    /// Whether a whole text is scored without the token that begins a sequence. Otherwise that token is scored behind itself where the
    /// tokenizer adds one, as lm-evaluation-harness does.
    /// </summary>
    public bool CleanPerplexity { get; init; }

    /// <summary>Texts that are generated together. Does not change results.</summary>
    public int MaxSequences { get; init; } = 16;

    /// <summary>Tokens that go through the network together in scoring; null for the chunk of the model. Does not change results.</summary>
    public int? PassTokens { get; init; }

    /// <summary>Tokens that end a generation beside its stop texts; null for those of the model's configuration and the tokenizer's.</summary>
    public ImmutableHashSet<int>? StopTokens { get; init; }

    /// <summary>Where random numbers begin, for generations that draw.</summary>
    public ulong Seed { get; init; }

    /// <summary>File that keeps the responses, so that an interrupted evaluation goes on; null for none.</summary>
    public string? CachePath { get; init; }

    /// <summary>Gets the index of a request and its response as soon as it is there, one at a time, in an order of the runner's own.</summary>
    public Action<int, EvaluationResponse>? Answered { get; init; }

    /// <summary>What errors call a request; null for the numbers of its document and of the request.</summary>
    public Func<EvaluationRequest, string>? Describe { get; init; }

    /// <summary>Gets how far the evaluation is, now and then.</summary>
    public IProgress<EvaluationProgress>? Progress { get; init; }
}
