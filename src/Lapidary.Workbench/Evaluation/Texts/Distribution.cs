namespace Lapidary.Workbench.Evaluation.Texts;

/// <summary>Values in ascending order, of which quantiles are asked.</summary>
internal sealed class Distribution
{
    private readonly double[] sorted;

    /// <summary>Sorts the values; there is at least one.</summary>
    public Distribution(IEnumerable<double> values)
    {
        sorted = [.. values];
        Array.Sort(sorted);
    }

    /// <summary>
    /// The value at the place <paramref name="share"/> (n - 1), between two values in proportion. At a half that is the median: the mean
    /// of the two in the middle where n is even.
    /// </summary>
    public double Quantile(double share)
    {
        double place = share * (sorted.Length - 1);
        int below = (int)place;
        double part = place - below;
        return below + 1 < sorted.Length ? ((1 - part) * sorted[below]) + (part * sorted[below + 1]) : sorted[^1];
    }

    /// <summary>The quantiles at these shares, in their order.</summary>
    public IReadOnlyList<KeyValuePair<double, double>> Quantiles(ReadOnlySpan<double> shares)
    {
        var quantiles = new KeyValuePair<double, double>[shares.Length];
        for (int i = 0; i < shares.Length; i++)
        {
            quantiles[i] = KeyValuePair.Create(shares[i], Quantile(shares[i]));
        }

        return quantiles;
    }
}
