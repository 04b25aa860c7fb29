using System.Collections.Immutable;

namespace Lapidary.Inference.Generation;

/// <summary>What became of a prompt.</summary>
/// <param name="Tokens">Tokens of the prompt.</param>
/// <param name="CachedTokens">Those at its beginning whose keys and values were still there from an earlier request.</param>
/// <param name="QueueTime">How long the request waited for its turn.</param>
/// <param name="Time">How long the other tokens took, from the turn to the first logits.</param>
/// <param name="Scores">
/// The tokens of the prompt from the second on, where they were asked for: nothing comes before the first that could predict it.
/// </param>
public sealed record PromptSummary(int Tokens, int CachedTokens, TimeSpan QueueTime, TimeSpan Time, ImmutableArray<ScoredToken> Scores);
