using Lapidary.Networks;

namespace Lapidary.Workbench.Compression;

/// <summary>What a mix looks at beside name and row length of a tensor.</summary>
/// <param name="Layers">Number of layers.</param>
/// <param name="HeadsPerKeyValueHead">Query heads that share a head of keys and values.</param>
/// <param name="TiedEmbeddings">Whether the embedding is the output matrix too.</param>
public readonly record struct NetworkShape(int Layers, int HeadsPerKeyValueHead, bool TiedEmbeddings)
{
    /// <summary>The shape of a network.</summary>
    public static NetworkShape Of(Gemma3Config config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return new NetworkShape(config.LayerCount, config.HeadCount / config.KeyValueHeadCount, config.TiedEmbeddings);
    }

    /// <summary>Whether a layer gets more bits: the first and the last eighth, and every third between.</summary>
    // use_more_bits in src/llama-quant.cpp of llama.cpp, with its integer divisions.
    public bool HasMoreBits(int layer) =>
        layer < Layers / 8 || layer >= 7 * Layers / 8 || (layer - (Layers / 8)) % 3 == 2;
}
