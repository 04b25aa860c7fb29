namespace Lapidary.Inference.Generation;

/// <summary>How a generation ended and what it took.</summary>
/// <param name="Reason">Why it ended.</param>
/// <param name="PromptTokens">Tokens of the prompt.</param>
/// <param name="CachedTokens">Those of them that were not processed again.</param>
/// <param name="GeneratedTokens">Tokens that were generated, a stop token among them.</param>
/// <param name="QueueTime">How long the request waited for its turn.</param>
/// <param name="PromptTime">From the turn to the logits behind the prompt.</param>
/// <param name="GenerationTime">From there to the last token; the first token falls out of the prompt and takes nearly none of it.</param>
/// <param name="Seed">Where the random numbers began: the same seed gives the same tokens again.</param>
public sealed record GenerationSummary(
    FinishReason Reason,
    int PromptTokens,
    int CachedTokens,
    int GeneratedTokens,
    TimeSpan QueueTime,
    TimeSpan PromptTime,
    TimeSpan GenerationTime,
    ulong Seed)
{
    /// <summary>Tokens of the prompt that were processed, per second.</summary>
    public double PromptTokensPerSecond => (PromptTokens - CachedTokens) / Math.Max(PromptTime.TotalSeconds, 1e-9);

    /// <summary>Tokens after the first, per second.</summary>
    public double GeneratedTokensPerSecond => Math.Max(0, GeneratedTokens - 1) / Math.Max(GenerationTime.TotalSeconds, 1e-9);
}
