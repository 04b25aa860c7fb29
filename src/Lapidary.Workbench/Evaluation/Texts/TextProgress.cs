namespace Lapidary.Workbench.Evaluation.Texts;

/// <summary>How far the scoring of a text is.</summary>
/// <param name="Done">Chunks that are scored.</param>
/// <param name="Total">Chunks.</param>
/// <param name="Perplexity">The perplexity over those that are scored; not a number before the first.</param>
/// <param name="Divergence">The mean divergence from the base over them; null without one.</param>
/// <param name="Elapsed">Time since the beginning.</param>
public readonly record struct TextProgress(int Done, int Total, double Perplexity, double? Divergence, TimeSpan Elapsed)
{
    /// <summary>How long the others will take, if each takes as long as those so far; null before the first.</summary>
    public TimeSpan? Remaining => Done == 0 ? null : Elapsed / Done * (Total - Done);
}
