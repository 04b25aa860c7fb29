using Lapidary.Numerics;

namespace Lapidary.Workbench.Training;

/// <summary>One safetensors file of a checkpoint: a name and what is in it.</summary>
/// <param name="Name">The name of the file, such as <c>model.safetensors</c>.</param>
/// <param name="Tensors">Its tensors by their name in the file, in the order in which they are written.</param>
/// <param name="Metadata">The <c>__metadata__</c>; <c>format = pt</c> where left out.</param>
public sealed record TensorFile(
    string Name,
    IReadOnlyList<(string Name, Tensor Tensor)> Tensors,
    IReadOnlyDictionary<string, string>? Metadata = null);
