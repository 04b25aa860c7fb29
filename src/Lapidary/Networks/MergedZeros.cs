namespace Lapidary.Networks;

/// <summary>What a merge did to the zeros of a pruned base. Counted over the merged matrices of which a twentieth was zero, of plain floats.</summary>
/// <param name="Matrices">Such matrices.</param>
/// <param name="Weights">Weights in them.</param>
/// <param name="Before">Zeros of the base in them.</param>
/// <param name="After">Zeros in them after the merge.</param>
public readonly record struct MergedZeros(int Matrices, long Weights, long Before, long After)
{
    /// <summary>Share of zeros in the base.</summary>
    public double BaseSparsity => Weights == 0 ? 0 : Before / (double)Weights;

    /// <summary>Share of zeros after the merge.</summary>
    public double MergedSparsity => Weights == 0 ? 0 : After / (double)Weights;
}
