namespace Lapidary.Pebble.Evaluation;

/// <summary>A share of right answers with its 95 % interval.</summary>
/// <param name="Hits">How many.</param>
/// <param name="Total">Of how many.</param>
internal readonly record struct Proportion(int Hits, int Total)
{
    // The 97.5th percentile of the standard normal distribution.
    private const double Z = 1.959963984540054;

    /// <summary>The share.</summary>
    public double Share => Total == 0 ? 0 : (double)Hits / Total;

    /// <summary>Lower end of Wilson's interval (Wilson 1927), which stays in [0, 1] and is not empty at 0 % or 100 %.</summary>
    public double Low => Total == 0 ? 0 : Math.Max(0, Center - Half);

    /// <summary>Upper end of Wilson's interval.</summary>
    public double High => Total == 0 ? 1 : Math.Min(1, Center + Half);

    private double Center => (Share + (Z * Z / (2 * Total))) / (1 + (Z * Z / Total));

    private double Half => Z / (1 + (Z * Z / Total)) * Math.Sqrt((Share * (1 - Share) / Total) + (Z * Z / (4.0 * Total * Total)));
}
