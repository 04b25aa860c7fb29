using Lapidary.Numerics;

namespace Lapidary.Networks;

/// <summary>Where a network takes its weights from besides its checkpoint. Everything here must outlive the network.</summary>
internal sealed record WeightSources
{
    /// <summary>What is done to the weights; null for nothing.</summary>
    public AppliedAdapters? Adapters { get; init; }

    /// <summary>The layers of the checkpoint that are run, in their order; null for all.</summary>
    public IReadOnlyList<int>? Layers { get; init; }

    /// <summary>Matrices in place of those of the checkpoint, by canonical name; null for none.</summary>
    public IReadOnlyDictionary<string, Tensor>? Replacements { get; init; }

    /// <summary>Packs matrices with many zeros; null where all stay as they are.</summary>
    public SparseWeights? Sparse { get; init; }
}
