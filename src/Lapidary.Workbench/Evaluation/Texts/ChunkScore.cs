namespace Lapidary.Workbench.Evaluation.Texts;

/// <summary>What was found in one chunk of a text; each mean is one over its scored tokens.</summary>
/// <param name="Chunk">Index of the chunk.</param>
/// <param name="MeanNll">The mean negative log-likelihood.</param>
public readonly record struct ChunkScore(int Chunk, double MeanNll)
{
    /// <summary>The mean negative log-likelihood by the base; null without one.</summary>
    public double? BaseMeanNll { get; init; }

    /// <summary>The mean divergence from the base in nats; null without one.</summary>
    public double? Divergence { get; init; }

    /// <summary>The share of predictions whose likeliest token is the base's; null without one.</summary>
    public double? SameTop { get; init; }
}
