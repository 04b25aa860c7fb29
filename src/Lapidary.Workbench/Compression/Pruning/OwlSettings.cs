namespace Lapidary.Workbench.Compression;

/// <summary>
/// How OWL gives layers with many outliers a lower sparsity (Yin et al. 2023, "Outlier Weighed Layerwise Sparsity"): see
/// <see cref="OwlAllocation"/>.
/// </summary>
/// <param name="Multiple">M: a Wanda score is an outlier where it is more than M times the mean of its layer.</param>
/// <param name="Range">lambda: the sparsities of the layers span 2 * lambda.</param>
public readonly record struct OwlSettings(double Multiple, double Range)
{
    /// <summary>What the paper uses most: M 5, lambda 0.08.</summary>
    public static OwlSettings Usual { get; } = new(5, 0.08);
}
