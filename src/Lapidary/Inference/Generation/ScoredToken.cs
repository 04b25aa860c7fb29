using System.Collections.Immutable;
using Lapidary.Inference.Sampling;

namespace Lapidary.Inference.Generation;

/// <summary>A token with its probability in the model's own distribution, before bias, penalties, filters and temperature.</summary>
/// <param name="Token">The token's id.</param>
/// <param name="LogProbability">Natural logarithm of its probability.</param>
/// <param name="Alternatives">The most likely tokens of the place, most likely first, as many as were asked for; the token may be among them.</param>
public sealed record ScoredToken(int Token, double LogProbability, ImmutableArray<TokenLogProbability> Alternatives);
