using Lapidary.Checkpoints;
using Lapidary.Inference;
using Lapidary.Networks;
using Lapidary.Numerics;
using Lapidary.Numerics.Formats;
using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Memory;
using Lapidary.Numerics.Threading;

namespace Lapidary.Workbench.Compression;

/// <summary>
/// Prunes the matrices of one layer by their inputs: one pass of the layer as it is shows the inputs of all of them, behind layers that are
/// pruned already; then all are pruned.
/// </summary>
internal sealed unsafe class LayerPruner
{
    private readonly LayerRunner runner;
    private readonly Gemma3Config config;
    private readonly PruningOptions options;
    private readonly Func<int, double> sparsityOf;
    private readonly InputSquares squares;

    /// <summary>Prunes behind what a runner has run.</summary>
    /// <param name="runner">The calibration text, before the first layer.</param>
    /// <param name="config">The sizes.</param>
    /// <param name="options">How.</param>
    /// <param name="sparsityOf">The sparsity of a layer.</param>
    public LayerPruner(LayerRunner runner, Gemma3Config config, PruningOptions options, Func<int, double> sparsityOf)
    {
        this.runner = runner;
        this.config = config;
        this.options = options;
        this.sparsityOf = sparsityOf;
        squares = new InputSquares(config);
    }

    /// <summary>Prunes a layer, before which the runner stands.</summary>
    /// <param name="layer">Which layer.</param>
    /// <param name="matrices">What of it is pruned.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <returns>The pruned matrices by canonical name; the caller owns them.</returns>
    /// <exception cref="CheckpointException">A weight is not finite, or no longer fits its type.</exception>
    /// <exception cref="NonFiniteException">NaN or infinity appeared.</exception>
    public Dictionary<string, Tensor> Prune(int layer, IReadOnlyList<SelectedMatrix> matrices, CancellationToken cancellationToken)
    {
        var pruned = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        try
        {
            if (options.Method == PruningMethod.SparseGpt)
            {
                PruneBySecondOrder(layer, matrices, pruned, cancellationToken);
            }
            else
            {
                PruneByNorms(layer, matrices, pruned, cancellationToken);
            }

            return pruned;
        }
        catch
        {
            foreach (Tensor tensor in pruned.Values)
            {
                tensor.Dispose();
            }

            throw;
        }
    }

    private void PruneByNorms(
        int layer, IReadOnlyList<SelectedMatrix> matrices, Dictionary<string, Tensor> pruned, CancellationToken cancellationToken)
    {
        runner.Observe(layer, squares.Observe, cancellationToken);
        foreach (SelectedMatrix matrix in matrices)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int count = (int)Math.Floor(matrix.Columns * sparsityOf(layer));
            pruned.Add(matrix.Info.Name, RowPruning.Prune(runner.Workers, matrix, WandaFactors.Of(matrix, squares), count, options.Pattern));
        }
    }

    private void PruneBySecondOrder(
        int layer, IReadOnlyList<SelectedMatrix> matrices, Dictionary<string, Tensor> pruned, CancellationToken cancellationToken)
    {
        // Matrices with the same input share its factor.
        List<IGrouping<ActivationKind, SelectedMatrix>> groups = [.. matrices.GroupBy(InputOf)];
        using var moments = new LayerMoments(runner.Workers, config, layer, groups.Select(group => group.Key));
        runner.Observe(layer, moments.Observe, cancellationToken);
        foreach (IGrouping<ActivationKind, SelectedMatrix> group in groups)
        {
            cancellationToken.ThrowIfCancellationRequested();
            SquareMatrix factor = moments.Of(group.Key);
            var dead = new bool[factor.Size];
            if (!SparseGpt.TryFactor(runner.Workers, factor, options.Damping, dead))
            {
                TensorInfo first = group.First().Info;
                throw new CheckpointException(first.File, FormattableString.Invariant(
                    $"the inputs of {first.Name} have moments that cannot be inverted with a damping of {options.Damping}; a larger one can help"));
            }

            foreach (SelectedMatrix matrix in group)
            {
                pruned.Add(matrix.Info.Name, Prune(matrix, factor, dead, sparsityOf(layer), cancellationToken));
            }

            moments.Free(group.Key);
        }
    }

    private static ActivationKind InputOf(SelectedMatrix matrix) =>
        InputSquares.Matrices[SelectedMatrices.OrderOf(matrix.Info.Name)].Input;

    private Tensor Prune(SelectedMatrix matrix, SquareMatrix factor, bool[] dead, double sparsity, CancellationToken cancellationToken)
    {
        using var memory = new NativeMemoryBlock((long)matrix.Rows * factor.Stride * sizeof(double));
        var weights = (double*)memory.Pointer;
        using Tensor decodedMatrix = Tensor.Allocate(ElementType.F32, matrix.Rows, matrix.Columns);
        Span<float> values = decodedMatrix.AsFloats();
        for (int i = 0; i < matrix.Rows; i++)
        {
            Span<float> decoded = values.Slice(i * matrix.Columns, matrix.Columns);
            matrix.Weights.DecodeRow(i, decoded);
            for (int j = 0; j < decoded.Length; j++)
            {
                weights[((nint)i * factor.Stride) + j] = float.IsFinite(decoded[j]) ? decoded[j] : throw matrix.NotFinite();
            }
        }

        SparseGpt.Prune(
            runner.Workers, weights, matrix.Rows, factor, dead, sparsity, options.Pattern, options.BlockSize, cancellationToken);
        for (int i = 0; i < matrix.Rows; i++)
        {
            for (int j = 0; j < matrix.Columns; j++)
            {
                values[(i * matrix.Columns) + j] = (float)weights[((nint)i * factor.Stride) + j];
            }
        }

        return Encode(matrix, decodedMatrix);
    }

    private Tensor Encode(SelectedMatrix matrix, Tensor values)
    {
        Tensor encoded = Tensor.Allocate(matrix.Weights.Type, matrix.Weights.Shape.AsSpan());
        try
        {
            WeightFormat format = WeightFormat.Of(encoded.Type);
            RowEncoder.Encode(
                runner.Workers, WeightFormat.Of(ElementType.F32), values.Data, matrix.Rows, matrix.Columns, format, [], encoded.Data, encoded.ByteLength);
            return encoded;
        }
        catch (UnencodableValueException thrown)
        {
            encoded.Dispose();
            throw new CheckpointException(
                matrix.Info.File, $"tensor {matrix.Info.StoredName} after pruning, {thrown.Message.TrimEnd('.')}", thrown);
        }
    }
}
