using Lapidary.Checkpoints;

namespace Lapidary.Workbench.Compression;

/// <summary>
/// Layerwise sparsities by outliers. D_l is the share of a layer's weights whose Wanda score in the dense model is more than M times their mean,
/// all pruned matrices of the layer together; a_l = 2 lambda (D_l - min D) / (max D - min D); the sparsity of a layer is target + mean(a) - a_l.
/// So the mean over layers is the target; where all layers are equal they stay so.
/// </summary>
internal static class OwlAllocation
{
    /// <summary>The sparsities by layer.</summary>
    /// <param name="path">What errors name.</param>
    /// <param name="matrices">What is pruned.</param>
    /// <param name="squares">Squared inputs of the dense model.</param>
    /// <param name="options">Target, M and lambda.</param>
    /// <param name="cancellationToken">Looked at between matrices.</param>
    /// <exception cref="CheckpointException">A layer would get a sparsity below 0 or of at least 1.</exception>
    public static Dictionary<int, double> Sparsities(
        string path,
        IReadOnlyList<SelectedMatrix> matrices,
        InputSquares squares,
        PruningOptions options,
        CancellationToken cancellationToken)
    {
        OwlSettings owl = options.Owl!.Value;
        Dictionary<int, double> ratios = matrices
            .Where(matrix => TensorSelection.IsDecoderLinear(matrix.Info.Name))
            .GroupBy(matrix => matrix.Layer)
            .ToDictionary(layer => layer.Key, layer => OutlierRatio([.. layer], squares, owl.Multiple, cancellationToken));
        Dictionary<int, double> sparsities = Allocate(ratios, options.Target, owl.Range);
        foreach ((int layer, double sparsity) in sparsities)
        {
            if (sparsity is not (>= 0 and < 1))
            {
                string found = FormattableString.Invariant($"layer {layer} would get a sparsity of {sparsity:0.###} by OWL");
                throw new CheckpointException(path, found + " where at least 0 and below 1 was expected; a smaller lambda keeps it nearer to the target");
            }
        }

        return sparsities;
    }

    /// <summary>The sparsities of layers with some outlier ratios.</summary>
    public static Dictionary<int, double> Allocate(Dictionary<int, double> ratios, double target, double range)
    {
        if (ratios.Count == 0)
        {
            return [];
        }

        double least = ratios.Values.Min(), span = ratios.Values.Max() - least;
        Dictionary<int, double> shifts = ratios.ToDictionary(
            ratio => ratio.Key, ratio => span > 0 ? 2 * range * (ratio.Value - least) / span : 0);
        double mean = shifts.Values.Sum() / shifts.Count;
        return shifts.ToDictionary(shift => shift.Key, shift => target + mean - shift.Value);
    }

    /// <summary>The share of the weights of a layer whose Wanda score is above some multiple of their mean.</summary>
    public static double OutlierRatio(
        IReadOnlyList<SelectedMatrix> layer, InputSquares squares, double multiple, CancellationToken cancellationToken)
    {
        double sum = 0;
        long count = 0;
        foreach (SelectedMatrix matrix in layer)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ForEachRow(matrix, squares, scores =>
            {
                foreach (double score in scores)
                {
                    sum += score;
                }
            });
            count += matrix.Info.Length;
        }

        double threshold = multiple * (sum / count);
        long outliers = 0;
        foreach (SelectedMatrix matrix in layer)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ForEachRow(matrix, squares, scores =>
            {
                foreach (double score in scores)
                {
                    outliers += score > threshold ? 1 : 0;
                }
            });
        }

        return (double)outliers / count;
    }

    private static void ForEachRow(SelectedMatrix matrix, InputSquares squares, Action<double[]> take)
    {
        double[] factors = WandaFactors.Of(matrix, squares);
        var row = new float[matrix.Columns];
        var scores = new double[matrix.Columns];
        for (int i = 0; i < matrix.Rows; i++)
        {
            matrix.Weights.DecodeRow(i, row);
            for (int j = 0; j < row.Length; j++)
            {
                scores[j] = Math.Abs((double)row[j]) * factors[j];
            }

            take(scores);
        }
    }
}
