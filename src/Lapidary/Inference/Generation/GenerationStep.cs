namespace Lapidary.Inference.Generation;

/// <summary>One step of a generation. The first carries what became of the prompt, the last how it ended; there may be only one.</summary>
/// <param name="Token">The token that was chosen, or null where a request asks for none.</param>
/// <param name="Score">The token's probability, where it was asked for.</param>
/// <param name="Prompt">The prompt, on the first step.</param>
/// <param name="End">The end, on the last step.</param>
public readonly record struct GenerationStep(int? Token, ScoredToken? Score, PromptSummary? Prompt, GenerationSummary? End);
