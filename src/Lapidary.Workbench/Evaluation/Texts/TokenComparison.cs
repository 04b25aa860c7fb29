namespace Lapidary.Workbench.Evaluation.Texts;

/// <summary>What two models predict for one token of a text.</summary>
/// <param name="Nll">Its negative log-likelihood by the tested model.</param>
/// <param name="BaseNll">The same by the base.</param>
/// <param name="Divergence">The divergence of the prediction from the base's, in nats.</param>
/// <param name="IsSameTop">Whether both find the same token the likeliest.</param>
internal readonly record struct TokenComparison(double Nll, double BaseNll, double Divergence, bool IsSameTop);
