using System.Collections.Immutable;
using Lapidary.Networks;
using Lapidary.Numerics.Kernels;

namespace Lapidary.Inference;

/// <summary>
/// The keys and values of one sequence. A layer with a sliding window keeps no more positions than its window and the chunk that is
/// being processed; the others keep all.
/// </summary>
public sealed class KvCache : IDisposable
{
    private readonly ImmutableArray<KeyValueStore> layers;

    /// <summary>A cache for sequences of at most <paramref name="capacity"/> tokens, processed <paramref name="chunkSize"/> at a time.</summary>
    public KvCache(Gemma3Config config, int capacity, int chunkSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(chunkSize, 1);
        Capacity = capacity;
        layers =
        [
            .. config.Layers.Select(layer => new KeyValueStore(
                (int)Math.Min(capacity, (layer.Window ?? capacity) - 1L + chunkSize), config.KeyValueHeadCount, config.HeadDimension)),
        ];
    }

    /// <summary>Tokens that fit.</summary>
    public int Capacity { get; }

    /// <summary>Tokens that are cached.</summary>
    public int Length { get; internal set; }

    /// <summary>Memory of all layers in bytes.</summary>
    public long ByteLength => layers.Sum(layer => layer.ByteLength);

    /// <summary>Positions for which a layer has room.</summary>
    public int SlotsOf(int layer) => layers[layer].Slots;

    /// <summary>Forgets all tokens.</summary>
    public void Clear() => Length = 0;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (KeyValueStore layer in layers)
        {
            layer.Dispose();
        }
    }

    internal KeyValueStore Layer(int index) => layers[index];
}
