using Lapidary.Checkpoints;
using Lapidary.Numerics;

namespace Lapidary.Workbench.Compression;

/// <summary>
/// The zeros of a checkpoint: per tensor, per layer, of the selected matrices and of the whole model. Half of the linear layers of a small model
/// can be a sixth of the model, so a sparsity is said of both.
/// </summary>
public sealed class PruningReport
{
    private PruningReport(IEnumerable<TensorSparsity> tensors)
    {
        Tensors =
        [
            .. tensors
                .OrderBy(tensor => tensor.Layer)
                .ThenBy(tensor => SelectedMatrices.OrderOf(tensor.Name))
                .ThenBy(tensor => tensor.Name, StringComparer.Ordinal),
        ];
    }

    /// <summary>Every tensor of numbers: those outside the layers first, then layer by layer.</summary>
    public IReadOnlyList<TensorSparsity> Tensors { get; }

    /// <summary>The selected matrices.</summary>
    public ZeroCount Selected => Sum(Tensors.Where(tensor => tensor.IsSelected));

    /// <summary>The linear layers of the decoder.</summary>
    public ZeroCount Linears => Sum(Tensors.Where(tensor => TensorSelection.IsDecoderLinear(tensor.Name)));

    /// <summary>The whole model, with embedding and norms.</summary>
    public ZeroCount Model => Sum(Tensors);

    /// <summary>The linear layers of each layer of the decoder, by its number.</summary>
    public IReadOnlyDictionary<int, ZeroCount> Layers => new SortedDictionary<int, ZeroCount>(Tensors
        .Where(tensor => TensorSelection.IsDecoderLinear(tensor.Name))
        .GroupBy(tensor => tensor.Layer)
        .ToDictionary(layer => layer.Key, Sum));

    /// <summary>Counts the zeros of a checkpoint, pruned or not; those of a quantized one as they are computed with.</summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="selection">Which matrices were to be pruned; null for the linear layers of the decoder.</param>
    /// <param name="cancellationToken">Looked at between tensors.</param>
    public static PruningReport Of(Checkpoint checkpoint, TensorSelection? selection = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        selection ??= TensorSelection.Default;
        var counts = new List<TensorSparsity>();
        foreach (TensorInfo tensor in checkpoint.Tensors.Values.Where(tensor => Checkpoint.IsSupported(tensor.Type)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            counts.Add(Count(checkpoint, tensor, checkpoint.GetTensor(tensor.Name), selection));
        }

        return new PruningReport(counts);
    }

    /// <summary>A report of tensors that were counted.</summary>
    internal static PruningReport From(IEnumerable<TensorSparsity> tensors) => new(tensors);

    /// <summary>Counts the zeros of a tensor of a checkpoint, or of what takes its place.</summary>
    internal static TensorSparsity Count(Checkpoint checkpoint, TensorInfo tensor, Tensor numbers, TensorSelection selection)
    {
        // A norm is said as w, whether 1 + w is stored or not.
        float zero = checkpoint.NormsIncludeOne && TensorNames.IsNorm(tensor.Name) ? 1 : 0;
        var row = new float[numbers.RowLength];
        long zeros = 0;
        for (long i = 0; i < numbers.Rows; i++)
        {
            numbers.DecodeRow(i, row);
            zeros += row.AsSpan().Count(zero);
        }

        bool selected = tensor.Shape.Length == 2 && selection.Matches(tensor.Name);
        return new TensorSparsity(tensor.Name, SelectedMatrices.LayerOf(tensor.Name), selected, new ZeroCount(zeros, numbers.Length));
    }

    private static ZeroCount Sum(IEnumerable<TensorSparsity> tensors) =>
        tensors.Aggregate(default(ZeroCount), (sum, tensor) => sum + tensor.Count);
}
