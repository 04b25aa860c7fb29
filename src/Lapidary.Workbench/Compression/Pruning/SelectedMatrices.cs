using System.Globalization;
using Lapidary.Checkpoints;

namespace Lapidary.Workbench.Compression;

/// <summary>Finds the matrices of a selection in a model.</summary>
internal static class SelectedMatrices
{
    private const string LayerPrefix = "model.layers.";

    /// <summary>The matrices, those outside the layers first, then layer by layer as they are used: q, k, v, o, gate, up, down.</summary>
    /// <exception cref="CheckpointException">
    /// A pattern is found in the name of no matrix, no matrix is left, one is quantized, has a row that is no whole number of groups, or is not
    /// seen by a calibration text.
    /// </exception>
    public static IReadOnlyList<SelectedMatrix> Find(Checkpoint source, PruningOptions options)
    {
        List<TensorInfo> matrices = [.. source.Tensors.Values.Where(tensor => tensor.Shape.Length == 2)];
        if (options.Selection.UnusedPatterns([.. matrices.Select(tensor => tensor.Name)]).FirstOrDefault() is { } pattern)
        {
            throw new CheckpointException(source.Path, $"has no matrix whose name matches {pattern}");
        }

        List<SelectedMatrix> found =
        [
            .. matrices
                .Where(tensor => options.Selection.Matches(tensor.Name))
                .Select(tensor => Check(source, tensor, options))
                .OrderBy(matrix => matrix.Layer)
                .ThenBy(matrix => OrderOf(matrix.Info.Name))
                .ThenBy(matrix => matrix.Info.Name, StringComparer.Ordinal),
        ];
        return found.Count > 0 ? found : throw new CheckpointException(source.Path, "has no matrix that is to be pruned");
    }

    /// <summary>The layer of a canonical name, or -1.</summary>
    public static int LayerOf(string name)
    {
        if (!name.StartsWith(LayerPrefix, StringComparison.Ordinal))
        {
            return -1;
        }

        ReadOnlySpan<char> rest = name.AsSpan(LayerPrefix.Length);
        int dot = rest.IndexOf('.');
        return dot > 0 && int.TryParse(rest[..dot], NumberStyles.None, CultureInfo.InvariantCulture, out int layer) ? layer : -1;
    }

    /// <summary>The place of a matrix among the seven of its layer; behind them all others.</summary>
    public static int OrderOf(string name)
    {
        for (int i = 0; i < InputSquares.Matrices.Length; i++)
        {
            if (TensorSelection.IsDecoderLinear(name) && name.EndsWith(InputSquares.Matrices[i].Module + ".weight", StringComparison.Ordinal))
            {
                return i;
            }
        }

        return InputSquares.Matrices.Length;
    }

    private static SelectedMatrix Check(Checkpoint source, TensorInfo tensor, PruningOptions options)
    {
        if (!tensor.Type.IsPlainFloat)
        {
            throw new CheckpointException(
                tensor.File, $"tensor {tensor.StoredName} is {tensor.Type} where F32, F16 or BF16 was expected: pruning needs the weights as they were before");
        }

        if (tensor.Shape.Any(size => size is < 1 or > int.MaxValue))
        {
            throw new CheckpointException(
                tensor.File, $"tensor {tensor.StoredName} has a shape of {TensorInfo.Describe(tensor.Shape.AsSpan())}, which cannot be pruned");
        }

        if (options.Pattern is { } pattern && tensor.Shape[1] % pattern.Group != 0)
        {
            throw new CheckpointException(
                tensor.File, $"tensor {tensor.StoredName} has rows of {tensor.Shape[1]} weights, which are no whole groups of {pattern.Group}");
        }

        if (options.Method != PruningMethod.Magnitude && !TensorSelection.IsDecoderLinear(tensor.Name))
        {
            throw new CheckpointException(
                tensor.File, $"tensor {tensor.StoredName} is no linear layer of the decoder, whose inputs a calibration text shows; only magnitude prunes it");
        }

        return new SelectedMatrix(tensor, LayerOf(tensor.Name), source.GetTensor(tensor.Name));
    }
}
