namespace Lapidary.Workbench.Compression;

/// <summary>The sizes that a network is pruned to; what is null stays as it is.</summary>
/// <param name="IntermediateSize">Neurons of the feed-forward network of each layer.</param>
/// <param name="HeadCount">Query heads of each layer, a multiple of the heads of keys and values that are left; where it is null, each of these keeps its own.</param>
/// <param name="KeyValueHeadCount">Heads of keys and values of each layer; one goes with all of its query heads.</param>
/// <param name="HiddenSize">Channels of the residual stream.</param>
public sealed record WidthTarget(int? IntermediateSize = null, int? HeadCount = null, int? KeyValueHeadCount = null, int? HiddenSize = null);
