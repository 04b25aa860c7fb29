namespace Lapidary.Workbench.Compression;

/// <summary>What Wanda multiplies the magnitudes of a column's weights by: the root of the mean square of its inputs.</summary>
internal static class WandaFactors
{
    /// <summary>The factors of a matrix of the decoder.</summary>
    /// <returns>[columns].</returns>
    public static double[] Of(SelectedMatrix matrix, InputSquares squares)
    {
        ReadOnlySpan<double> sums = squares.Of(matrix.Layer, InputSquares.Matrices[SelectedMatrices.OrderOf(matrix.Info.Name)].Input, out long tokens);
        var factors = new double[sums.Length];
        for (int i = 0; i < factors.Length; i++)
        {
            factors[i] = Math.Sqrt(sums[i] / tokens);
        }

        return factors;
    }
}
