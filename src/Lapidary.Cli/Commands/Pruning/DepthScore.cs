namespace Lapidary.Cli.Commands.Pruning;

/// <summary>How <c>prune --method depth</c> scores a layer.</summary>
internal enum DepthScore
{
    /// <summary>1 - cosine of what goes in and what comes out.</summary>
    Cosine,

    /// <summary>What leaving it out adds to the mean negative log-likelihood of the text.</summary>
    Perplexity,
}
