using System.Collections.Immutable;
using Lapidary.Inference.Sampling;

namespace Lapidary.Inference.Generation;

/// <summary>How text is generated. What is null is taken from the model: see <see cref="TextGenerator.Defaults"/>.</summary>
public sealed record TextGenerationOptions
{
    /// <summary>How tokens are chosen; null for what the model's files say.</summary>
    public SamplingOptions? Sampling { get; init; }

    /// <summary>Generates at most this many tokens; null for what the model's files say, or the end of the context.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Texts before which the answer ends. They are found across the borders of tokens.</summary>
    public ImmutableArray<string> StopStrings { get; init; } = [];

    /// <summary>Tokens that end the answer; null for <see cref="TextGenerator.StopTokens"/>, empty for none.</summary>
    public ImmutableHashSet<int>? StopTokens { get; init; }

    /// <summary>Gives the probability of every token with this many alternatives, which may be 0; null for none of it.</summary>
    public int? LogProbabilities { get; init; }

    /// <summary>Gives the probabilities of the prompt's tokens too.</summary>
    public bool PromptLogProbabilities { get; init; }

    /// <summary>Whether special tokens that the model generates are part of the text; a token that ends the answer never is.</summary>
    public bool ShowSpecial { get; init; }

    /// <summary>
    /// For raw completions: whether the prompt begins with the token that begins a sequence, if the tokenizer adds one and the prompt
    /// does not begin with it already.
    /// </summary>
    public bool AddBos { get; init; } = true;

    /// <summary>For raw completions: whether the text of special tokens in the prompt stands for the tokens.</summary>
    public bool ParseSpecial { get; init; } = true;
}
