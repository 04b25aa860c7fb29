namespace Lapidary.Workbench.Compression;

/// <summary>How many numbers of a tensor are 0.</summary>
/// <param name="Name">The canonical name.</param>
/// <param name="Layer">Its layer, from 0; -1 outside the layers.</param>
/// <param name="IsSelected">Whether it is one of the matrices that are, or were to be, pruned.</param>
/// <param name="Count">What is counted.</param>
public sealed record TensorSparsity(string Name, int Layer, bool IsSelected, ZeroCount Count);
