using System.Collections.Immutable;
using Lapidary.Checkpoints;

namespace Lapidary.Networks;

/// <summary>
/// The sizes and constants of a Gemma 3 text model, from <c>config.json</c> or from the metadata of a GGUF file. Instances that come from
/// files or from <see cref="Gemma3Presets"/> are checked: sizes are positive and small enough to compute with.
/// </summary>
public sealed partial record Gemma3Config
{
    /// <summary>Rows of the embedding matrix.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Width of the residual stream.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Width of the gated MLP.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>Heads of the queries.</summary>
    public required int HeadCount { get; init; }

    /// <summary>Heads of the keys and values; divides <see cref="HeadCount"/>.</summary>
    public required int KeyValueHeadCount { get; init; }

    /// <summary>Width of a head; even.</summary>
    public required int HeadDimension { get; init; }

    /// <summary>What attention scores are multiplied by: query_pre_attn_scalar^-0.5.</summary>
    public required float AttentionScale { get; init; }

    /// <summary>One entry per layer.</summary>
    public required ImmutableArray<LayerSpec> Layers { get; init; }

    /// <summary>What RMSNorm adds to the mean square.</summary>
    public float RmsNormEpsilon { get; init; } = 1e-6f;

    /// <summary>Positions that the model was made for.</summary>
    public int ContextLength { get; init; } = 131072;

    /// <summary>The window of the local layers; without meaning when every layer sees everything.</summary>
    public int SlidingWindow { get; init; } = 4096;

    /// <summary>Where final logits are capped, c * tanh(x / c), or null for no cap.</summary>
    public float? FinalLogitSoftcap { get; init; }

    /// <summary>Where attention scores are capped, or null for no cap.</summary>
    public float? AttentionLogitSoftcap { get; init; }

    /// <summary>Whether the output matrix is the embedding matrix.</summary>
    public bool TiedEmbeddings { get; init; } = true;

    /// <summary>The token that begins a sequence.</summary>
    public int BosTokenId { get; init; } = 2;

    /// <summary>The tokens that end a generation.</summary>
    public ImmutableArray<int> EosTokenIds { get; init; } = [1];

    /// <summary>The token that fills a batch.</summary>
    public int PadTokenId { get; init; }

    /// <summary>Number of layers.</summary>
    public int LayerCount => Layers.Length;

    /// <summary>Parameters of the network, the embedding matrix counted once where it is tied.</summary>
    public long ParameterCount => ExpectedTensors().Sum(tensor => tensor.Shape.Aggregate(1L, (product, size) => product * size));

    /// <summary>The same network with some of its layers, which keep their windows and rotary frequencies.</summary>
    /// <param name="kept">The layers, counted from 0, in the order in which they are run.</param>
    /// <exception cref="ArgumentException">There is none, or one is not there.</exception>
    public Gemma3Config WithLayers(IReadOnlyCollection<int> kept)
    {
        ArgumentNullException.ThrowIfNull(kept);
        return kept.Count > 0 && kept.All(layer => layer >= 0 && layer < LayerCount)
            ? this with { Layers = [.. kept.Select(layer => Layers[layer])] }
            : throw new ArgumentException($"The layers [{string.Join(", ", kept)}] are none of a network of {LayerCount}.", nameof(kept));
    }

    /// <summary>Reads the configuration of a checkpoint.</summary>
    /// <exception cref="CheckpointException">A value is missing, out of range or not supported, or the network is not Gemma 3.</exception>
    public static Gemma3Config From(Checkpoint checkpoint) => checkpoint switch
    {
        HuggingFaceFolder folder => FromHuggingFace(folder),
        GgufCheckpoint file => FromGguf(file.Gguf.Metadata, file.Tensors, file.Path),
        _ => throw new ArgumentException($"A checkpoint of format {checkpoint.Format} has no configuration of Gemma 3.", nameof(checkpoint)),
    };

    /// <inheritdoc/>
    public bool Equals(Gemma3Config? other) =>
        other is not null
        && Scalars().Equals(other.Scalars())
        && Layers.AsSpan().SequenceEqual(other.Layers.AsSpan())
        && EosTokenIds.AsSpan().SequenceEqual(other.EosTokenIds.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => Scalars().GetHashCode();

    // Everything but the lists, which ImmutableArray compares by identity.
    private (int, int, int, int, int, int, float, (float, int, int, float?, float?, bool, int, int)) Scalars() =>
        (VocabularySize, HiddenSize, IntermediateSize, HeadCount, KeyValueHeadCount, HeadDimension, AttentionScale,
            (RmsNormEpsilon, ContextLength, SlidingWindow, FinalLogitSoftcap, AttentionLogitSoftcap, TiedEmbeddings, BosTokenId, PadTokenId));
}
