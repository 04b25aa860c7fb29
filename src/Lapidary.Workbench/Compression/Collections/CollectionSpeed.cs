namespace Lapidary.Workbench.Compression.Collections;

/// <summary>How fast a file of a collection runs.</summary>
/// <param name="PromptTokens">Tokens of the prompt that was timed.</param>
/// <param name="PromptRate">Tokens of it a second.</param>
/// <param name="GeneratedTokens">Tokens that were generated.</param>
/// <param name="GenerationRate">Of those a second.</param>
/// <param name="Machine">What it was measured on.</param>
public sealed record CollectionSpeed(int PromptTokens, double PromptRate, int GeneratedTokens, double GenerationRate, string Machine);
