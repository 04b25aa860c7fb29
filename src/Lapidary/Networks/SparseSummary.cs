namespace Lapidary.Networks;

/// <summary>Which matrices of a model are kept without their zeros, and what that saves.</summary>
/// <param name="Matrices">Matrices that are kept in their sparse form.</param>
/// <param name="Elements">Their elements.</param>
/// <param name="NonZeros">Those that are not zero.</param>
/// <param name="Bytes">Memory of the sparse forms.</param>
/// <param name="DenseBytes">What the same matrices take in the files.</param>
public sealed record SparseSummary(int Matrices, long Elements, long NonZeros, long Bytes, long DenseBytes)
{
    /// <summary>Share of zeros in these matrices, 0 to 1; 0 where there are none.</summary>
    public double Sparsity => Elements == 0 ? 0 : 1 - (NonZeros / (double)Elements);
}
