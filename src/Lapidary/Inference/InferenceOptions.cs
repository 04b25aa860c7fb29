using Lapidary.Checkpoints.Adapters;
using Lapidary.Numerics;

namespace Lapidary.Inference;

/// <summary>How a model is run.</summary>
public sealed record InferenceOptions
{
    /// <summary>Threads that compute, the calling one among them.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>
    /// Whether decoding uses the kernels of prompt processing: slower, and then a token's logits are the same bits however the tokens
    /// before it were processed.
    /// </summary>
    public bool Exact { get; init; }

    /// <summary>Tokens of a prompt that are processed at a time: bounds the memory for activations. Does not change results.</summary>
    public int ChunkSize { get; init; } = 512;

    /// <summary>Rounds the scale of the embeddings to bfloat16, as transformers does when it runs in bfloat16.</summary>
    public bool RoundEmbeddingScale { get; init; }

    /// <summary>
    /// Whether matrices of which much is zero are packed when the model is opened: less memory and faster decoding of a pruned model, for
    /// a longer start. Does not change results.
    /// </summary>
    public bool Sparse { get; init; }

    /// <summary>Adapters that the model is used with, LoRAs and at most one tuned prompt. The weights stay as they are.</summary>
    public IReadOnlyList<AdapterReference> Adapters { get; init; } = [];

    /// <summary>
    /// Layers that are left out, counted from 0: the residual stream goes past them. <see cref="LanguageModel.Config"/> then has the others
    /// only; tensors keep their names. Tells what a layer is worth without writing a model that lacks it.
    /// </summary>
    public IReadOnlyCollection<int> LeftOutLayers { get; init; } = [];

    /// <summary>
    /// Matrices that the model is used with in place of those of its files, by canonical name: of the same shape, in any type. They must
    /// outlive the model.
    /// </summary>
    public IReadOnlyDictionary<string, Tensor> Replacements { get; init; } = new Dictionary<string, Tensor>();
}
