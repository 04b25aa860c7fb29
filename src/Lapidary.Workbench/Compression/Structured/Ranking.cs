using System.Collections.Immutable;

namespace Lapidary.Workbench.Compression;

/// <summary>Choosing by scores.</summary>
internal static class Ranking
{
    /// <summary>The indices of the largest scores, in ascending order; of equal ones the first stays.</summary>
    /// <param name="scores">The scores, all of them numbers.</param>
    /// <param name="count">How many stay, at most as many as there are.</param>
    public static ImmutableArray<int> Best(IReadOnlyList<double> scores, int count) =>
        [.. Enumerable.Range(0, scores.Count).OrderByDescending(i => scores[i]).Take(count).Order()];

    /// <summary>The L2 norm.</summary>
    public static double Norm(IEnumerable<double> values) => Math.Sqrt(values.Sum(value => value * value));

    /// <summary>The share of the scores that stays; 1 where all are 0.</summary>
    public static double KeptShare(IReadOnlyList<double> scores, IEnumerable<int> kept)
    {
        double all = scores.Sum();
        return all == 0 ? 1 : kept.Sum(i => scores[i]) / all;
    }
}
