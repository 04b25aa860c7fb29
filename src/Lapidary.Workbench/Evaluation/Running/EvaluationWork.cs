namespace Lapidary.Workbench.Evaluation.Running;

/// <summary>What a model did for an evaluation, and how long that took. Responses that were there already took nothing.</summary>
/// <param name="PromptTokens">Tokens that went through the network to be scored or as prompts; what several requests have in common counts once.</param>
/// <param name="PromptTime">How long that took.</param>
/// <param name="GeneratedTokens">Tokens that were generated, those that end an answer among them.</param>
/// <param name="GenerationTime">
/// How long that took. Prompts and answers of several requests go through the network together, so the time of both is shared out as the
/// requests spent theirs.
/// </param>
public sealed record EvaluationWork(long PromptTokens, TimeSpan PromptTime, long GeneratedTokens, TimeSpan GenerationTime)
{
    /// <summary>Tokens of prompts in a second; null where there are none.</summary>
    public double? PromptTokensPerSecond => Rate(PromptTokens, PromptTime);

    /// <summary>Tokens generated in a second; null where there are none.</summary>
    public double? GeneratedTokensPerSecond => Rate(GeneratedTokens, GenerationTime);

    private static double? Rate(long tokens, TimeSpan time) => tokens > 0 && time > TimeSpan.Zero ? tokens / time.TotalSeconds : null;
}
