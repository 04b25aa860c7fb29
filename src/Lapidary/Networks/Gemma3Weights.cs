using System.Collections.Immutable;
using Lapidary.Checkpoints;
using Lapidary.Numerics;
using Lapidary.Numerics.Sparse;

namespace Lapidary.Networks;

/// <summary>The weights of one layer of Gemma 3.</summary>
internal sealed record Gemma3LayerWeights(
    NormWeight InputNorm,
    Weight Query,
    Weight Key,
    Weight Value,
    NormWeight QueryNorm,
    NormWeight KeyNorm,
    Weight Output,
    NormWeight PostAttentionNorm,
    NormWeight PreFeedForwardNorm,
    Weight Gate,
    Weight Up,
    Weight Down,
    NormWeight PostFeedForwardNorm);

/// <summary>The weights of Gemma 3: matrices stay where the checkpoint has mapped them, norms are prepared.</summary>
internal sealed class Gemma3Weights : IDisposable
{
    private readonly Checkpoint checkpoint;
    private readonly WeightSources sources;
    private readonly float epsilon;
    private readonly Dictionary<string, NormWeight> norms = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Weight> matrices = new(StringComparer.Ordinal);
    private readonly List<string> names = [];

    /// <summary>Takes the weights.</summary>
    /// <param name="checkpoint">Must outlive the weights.</param>
    /// <param name="config">The network, one entry per layer that is run.</param>
    /// <param name="sources">Where weights come from besides the checkpoint.</param>
    public Gemma3Weights(Checkpoint checkpoint, Gemma3Config config, WeightSources sources)
    {
        this.sources = sources;
        this.checkpoint = checkpoint;
        epsilon = config.RmsNormEpsilon;
        try
        {
            Embedding = Matrix("model.embed_tokens");
            Output = config.TiedEmbeddings ? TiedOutput() : Matrix("lm_head");
            FinalNorm = Norm("model.norm");
            Layers = [.. (sources.Layers ?? Enumerable.Range(0, config.LayerCount)).Select(Layer)];
            if (sources.Replacements?.Keys.FirstOrDefault(name => !matrices.ContainsKey(name)) is { } unknown)
            {
                throw new ArgumentException($"The network has no matrix {unknown} to replace.", nameof(sources));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public Weight Embedding { get; }

    public Weight Output { get; }

    public NormWeight FinalNorm { get; }

    public ImmutableArray<Gemma3LayerWeights> Layers { get; }

    /// <summary>Canonical names of all tensors.</summary>
    public IReadOnlyCollection<string> Names => names;

    /// <summary>A matrix by its canonical name.</summary>
    public Weight MatrixOf(string name) => matrices[name];

    /// <summary>A norm by the canonical name of its weight.</summary>
    public NormWeight NormOf(string name) => norms[name];

    public void Dispose()
    {
        foreach (NormWeight norm in norms.Values)
        {
            norm.Dispose();
        }
    }

    private Gemma3LayerWeights Layer(int index)
    {
        string prefix = $"model.layers.{index}.";
        return new Gemma3LayerWeights(
            Norm(prefix + "input_layernorm"),
            Matrix(prefix + "self_attn.q_proj"),
            Matrix(prefix + "self_attn.k_proj"),
            Matrix(prefix + "self_attn.v_proj"),
            Norm(prefix + "self_attn.q_norm"),
            Norm(prefix + "self_attn.k_norm"),
            Matrix(prefix + "self_attn.o_proj"),
            Norm(prefix + "post_attention_layernorm"),
            Norm(prefix + "pre_feedforward_layernorm"),
            Matrix(prefix + "mlp.gate_proj"),
            Matrix(prefix + "mlp.up_proj"),
            Matrix(prefix + "mlp.down_proj"),
            Norm(prefix + "post_feedforward_layernorm"));
    }

    private Weight Matrix(string module)
    {
        string name = module + ".weight";
        names.Add(name);
        Tensor? replacement = sources.Replacements?.GetValueOrDefault(name);
        Tensor tensor = replacement is null ? checkpoint.GetTensor(name) : Checked(name, replacement);
        SparseMatrix? packed = replacement is null ? sources.Sparse?.Of(checkpoint.Tensors[name]) : null;
        var weight = new Weight(name, tensor, sources.Adapters?.UpdateOf(name, tensor), packed);
        matrices.Add(name, weight);
        return weight;
    }

    private Tensor Checked(string name, Tensor replacement)
    {
        ImmutableArray<long> shape = checkpoint.GetTensor(name).Shape;
        return replacement.Shape.AsSpan().SequenceEqual(shape.AsSpan())
            ? replacement
            : throw new ArgumentException(
                $"A replacement of {name} is {TensorInfo.Describe(replacement.Shape.AsSpan())} where {TensorInfo.Describe(shape.AsSpan())} was expected.");
    }

    // An adapter changes the output matrix alone; the embedding that shares its numbers stays as it is.
    private Weight TiedOutput() =>
        sources.Adapters?.UpdateOf(TensorNames.Output, Embedding.Tensor) is { } update
            ? new Weight(TensorNames.Output, Embedding.Tensor, update, Embedding.Sparse)
            : Embedding;

    private NormWeight Norm(string module)
    {
        string name = module + ".weight";
        names.Add(name);
        var norm = new NormWeight(name, checkpoint.GetTensor(name), checkpoint.NormsIncludeOne, epsilon);
        norms.Add(name, norm);
        return norm;
    }
}
