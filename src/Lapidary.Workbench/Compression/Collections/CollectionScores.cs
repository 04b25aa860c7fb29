using Lapidary.Workbench.Evaluation.Texts;

namespace Lapidary.Workbench.Compression.Collections;

/// <summary>What a file of a collection scores on a text, beside the unquantized model.</summary>
/// <param name="Perplexity">Its perplexity.</param>
/// <param name="Divergence">The mean divergence of a prediction from that of the unquantized model in nats.</param>
/// <param name="SameTop">The share of predictions whose likeliest token is that of the unquantized model, from 0 to 1.</param>
/// <param name="ScoredOn">What identifies the file, the text and how it was cut.</param>
public sealed record CollectionScores(UncertainValue Perplexity, UncertainValue Divergence, UncertainValue SameTop, string ScoredOn);
