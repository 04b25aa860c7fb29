using Lapidary.Checkpoints;
using Lapidary.Numerics;

namespace Lapidary.Workbench.Compression;

/// <summary>A matrix that is pruned.</summary>
/// <param name="Info">Where it is stored.</param>
/// <param name="Layer">Its layer, from 0; -1 outside the layers.</param>
/// <param name="Weights">Its numbers [outputs, inputs]: F32, F16 or BF16.</param>
internal sealed record SelectedMatrix(TensorInfo Info, int Layer, Tensor Weights)
{
    /// <summary>Outputs.</summary>
    public int Rows => (int)Weights.Rows;

    /// <summary>Inputs.</summary>
    public int Columns => (int)Weights.RowLength;

    /// <summary>The error for a weight with which nothing can be compared.</summary>
    public CheckpointException NotFinite() => new(Info.File, $"tensor {Info.StoredName} holds a value that is not finite");
}
