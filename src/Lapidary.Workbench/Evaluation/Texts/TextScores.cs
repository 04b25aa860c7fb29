namespace Lapidary.Workbench.Evaluation.Texts;

/// <summary>What a model scored on a text.</summary>
/// <param name="Perplexity">Its perplexity.</param>
/// <param name="Divergence">How far it is from the base; null without one.</param>
/// <param name="Chunks">The chunks in their order.</param>
public sealed record TextScores(PerplexityStatistics Perplexity, DivergenceStatistics? Divergence, IReadOnlyList<ChunkScore> Chunks);
