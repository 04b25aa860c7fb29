namespace Lapidary.Inference.Generation;

/// <summary>One step of generated text. The first carries what became of the prompt, the last how it ended; there may be only one.</summary>
/// <param name="Text">
/// What can be shown now: whole characters, possibly none, since text is held back while it could become a stop string.
/// </param>
/// <param name="Token">The token that was chosen, or null where none was asked for.</param>
/// <param name="Piece">The token as it stands in the vocabulary.</param>
/// <param name="Score">The token's probability, where it was asked for.</param>
/// <param name="Prompt">The prompt, on the first step.</param>
/// <param name="End">The end, on the last step.</param>
/// <param name="StopString">The stop string before which the text ends, on the last step, if it was one.</param>
public readonly record struct TextStep(
    string Text, int? Token, string? Piece, ScoredToken? Score, PromptSummary? Prompt, GenerationSummary? End, string? StopString);
