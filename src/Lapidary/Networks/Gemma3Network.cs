using Lapidary.Checkpoints;
using Lapidary.Numerics;
using Lapidary.Numerics.Formats;

namespace Lapidary.Networks;

/// <summary>
/// The text network of Gemma 3 (Gemma 3 Technical Report, 2025; transformers' <c>modeling_gemma3.py</c>): a decoder with norms before
/// and after each half of a layer, normalised queries and keys, grouped queries, and five layers with a sliding window for each one
/// with full attention.
/// </summary>
public sealed class Gemma3Network : IDisposable
{
    private readonly Gemma3Weights weights;
    private readonly float embeddingScale;

    /// <summary>Takes the weights from a checkpoint that <see cref="Gemma3Config.Validate"/> has accepted.</summary>
    /// <param name="checkpoint">Must outlive the network.</param>
    /// <param name="config">The configuration of the checkpoint.</param>
    /// <param name="roundEmbeddingScale">
    /// Rounds sqrt(hidden) to bfloat16, as transformers does when the weights stay in bfloat16.
    /// </param>
    public Gemma3Network(Checkpoint checkpoint, Gemma3Config config, bool roundEmbeddingScale = false)
        : this(checkpoint, config, roundEmbeddingScale, new WeightSources())
    {
    }

    /// <summary>
    /// Takes the weights from a checkpoint and from elsewhere; all of it must outlive the network.
    /// </summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="config">The configuration of the layers that are run.</param>
    /// <param name="roundEmbeddingScale">Rounds sqrt(hidden) to bfloat16.</param>
    /// <param name="sources">Where weights come from besides the checkpoint.</param>
    internal Gemma3Network(Checkpoint checkpoint, Gemma3Config config, bool roundEmbeddingScale, WeightSources sources)
    {
        Config = config;
        weights = new Gemma3Weights(checkpoint, config, sources);
        embeddingScale = MathF.Sqrt(config.HiddenSize);
        if (roundEmbeddingScale)
        {
            embeddingScale = BF16Format.ToSingle(BF16Format.FromSingle(embeddingScale));
        }
    }

    /// <summary>The sizes.</summary>
    public Gemma3Config Config { get; }

    /// <summary>Canonical names of all tensors that the network uses.</summary>
    public IReadOnlyCollection<string> TensorNames => weights.Names;

    /// <summary>A matrix of the network by its canonical name.</summary>
    /// <exception cref="KeyNotFoundException">There is no such matrix.</exception>
    public Weight WeightOf(string name) => weights.MatrixOf(name);

    /// <summary>A norm of the network by the canonical name of its weight.</summary>
    /// <exception cref="KeyNotFoundException">There is no such norm.</exception>
    public NormWeight NormOf(string name) => weights.NormOf(name);

    /// <summary>Runs the tokens of the executor's batch through the network.</summary>
    public void Forward(IExecutor x)
    {
        Activation hidden = Embed(x);
        for (int layer = 0; layer < Config.Layers.Length; layer++)
        {
            hidden = RunLayer(x, hidden, layer);
            x.Label(hidden, new ActivationName(ActivationKind.Hidden, layer + 1));
        }

        Activation normed = x.Norm(hidden, weights.FinalNorm);
        x.Label(normed, new ActivationName(ActivationKind.FinalNorm, 0));
        x.Unembed(normed, weights.Output, Config.FinalLogitSoftcap);
    }

    /// <summary>Runs what comes before the layers.</summary>
    /// <param name="x">The executor.</param>
    /// <returns>The residual stream before the first layer.</returns>
    public Activation Embed(IExecutor x)
    {
        Activation hidden = x.Embed(weights.Embedding, embeddingScale);
        x.Label(hidden, new ActivationName(ActivationKind.Hidden, 0));
        return hidden;
    }

    /// <summary>Runs one layer alone: what activation checkpointing computes again, and what pruning goes by.</summary>
    /// <param name="x">The executor.</param>
    /// <param name="hidden">The residual stream before the layer.</param>
    /// <param name="layer">Which layer, from 0.</param>
    /// <returns>The residual stream behind the layer.</returns>
    public Activation RunLayer(IExecutor x, Activation hidden, int layer)
    {
        x.BeginLayer(layer);
        hidden = Attention(x, hidden, layer);
        hidden = FeedForward(x, hidden, layer);
        x.EndLayer();
        return hidden;
    }

    /// <inheritdoc/>
    public void Dispose() => weights.Dispose();

    private Activation Attention(IExecutor x, Activation hidden, int layer)
    {
        Gemma3LayerWeights w = weights.Layers[layer];
        LayerSpec spec = Config.Layers[layer];
        var rotary = new RotarySpec(Config.HeadDimension, spec.RopeBase, spec.RopeScale);

        Activation normed = x.Norm(hidden, w.InputNorm);
        x.Label(normed, new ActivationName(ActivationKind.AttentionNorm, layer));
        (Activation query, Activation key, Activation value) = x.Project(normed, w.Query, w.Key, w.Value);
        query = x.Rotate(x.Norm(query, w.QueryNorm), rotary);
        key = x.Rotate(x.Norm(key, w.KeyNorm), rotary);
        x.Label(query, new ActivationName(ActivationKind.Query, layer));
        x.Label(key, new ActivationName(ActivationKind.Key, layer));
        x.Label(value, new ActivationName(ActivationKind.Value, layer));
        Activation heads = x.Attend(query, key, value, new AttentionSpec(
            layer,
            Config.HeadCount,
            Config.KeyValueHeadCount,
            Config.HeadDimension,
            spec.Window,
            Config.AttentionScale,
            Config.AttentionLogitSoftcap));
        x.Label(heads, new ActivationName(ActivationKind.AttentionHeads, layer));
        if (layer == Config.Layers.Length - 1)
        {
            heads = x.KeepWanted(heads);
            hidden = x.KeepWanted(hidden);
        }

        Activation output = x.Project(heads, w.Output);
        x.Label(output, new ActivationName(ActivationKind.AttentionOutput, layer));
        hidden = x.Add(hidden, x.Norm(output, w.PostAttentionNorm));
        x.Label(hidden, new ActivationName(ActivationKind.AfterAttention, layer));
        return hidden;
    }

    private Activation FeedForward(IExecutor x, Activation hidden, int layer)
    {
        Gemma3LayerWeights w = weights.Layers[layer];
        Activation normed = x.Norm(hidden, w.PreFeedForwardNorm);
        x.Label(normed, new ActivationName(ActivationKind.FeedForwardNorm, layer));
        Activation output = x.GatedMlp(normed, w.Gate, w.Up, w.Down);
        x.Label(output, new ActivationName(ActivationKind.FeedForwardOutput, layer));
        return x.Add(hidden, x.Norm(output, w.PostFeedForwardNorm));
    }
}
