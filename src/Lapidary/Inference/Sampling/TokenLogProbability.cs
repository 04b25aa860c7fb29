namespace Lapidary.Inference.Sampling;

/// <summary>A token and the natural logarithm of its probability in the model's own distribution: before bias, penalties and temperature.</summary>
/// <param name="Token">The token's id.</param>
/// <param name="LogProbability">At most 0; negative infinity for a token that the model rules out.</param>
public readonly record struct TokenLogProbability(int Token, double LogProbability);
