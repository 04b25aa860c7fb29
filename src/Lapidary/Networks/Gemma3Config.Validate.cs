using System.Collections.Immutable;
using Lapidary.Checkpoints;

namespace Lapidary.Networks;

/// <content>The tensors of the network, and the limits of its sizes.</content>
public sealed partial record Gemma3Config
{
    private const int DimensionLimit = 1 << 20;
    private const int LayerLimit = 1024;
    private const int VocabularyLimit = 1 << 22;
    private const int ContextLimit = 1 << 28;

    /// <summary>
    /// The tensors of the network in the order in which it uses them, with their shapes, outermost dimension first. Matrices are
    /// [outputs, inputs]. <c>lm_head.weight</c> is among them only where it is not tied to the embedding.
    /// </summary>
    public IEnumerable<(string Name, ImmutableArray<long> Shape)> ExpectedTensors()
    {
        long queries = (long)HeadCount * HeadDimension;
        long keys = (long)KeyValueHeadCount * HeadDimension;
        yield return ("model.embed_tokens.weight", [VocabularySize, HiddenSize]);
        for (int i = 0; i < LayerCount; i++)
        {
            string layer = $"model.layers.{i}.";
            yield return (layer + "input_layernorm.weight", [HiddenSize]);
            yield return (layer + "self_attn.q_proj.weight", [queries, HiddenSize]);
            yield return (layer + "self_attn.k_proj.weight", [keys, HiddenSize]);
            yield return (layer + "self_attn.v_proj.weight", [keys, HiddenSize]);
            yield return (layer + "self_attn.q_norm.weight", [HeadDimension]);
            yield return (layer + "self_attn.k_norm.weight", [HeadDimension]);
            yield return (layer + "self_attn.o_proj.weight", [HiddenSize, queries]);
            yield return (layer + "post_attention_layernorm.weight", [HiddenSize]);
            yield return (layer + "pre_feedforward_layernorm.weight", [HiddenSize]);
            yield return (layer + "mlp.gate_proj.weight", [IntermediateSize, HiddenSize]);
            yield return (layer + "mlp.up_proj.weight", [IntermediateSize, HiddenSize]);
            yield return (layer + "mlp.down_proj.weight", [HiddenSize, IntermediateSize]);
            yield return (layer + "post_feedforward_layernorm.weight", [HiddenSize]);
        }

        yield return ("model.norm.weight", [HiddenSize]);
        if (!TiedEmbeddings)
        {
            yield return ("lm_head.weight", [VocabularySize, HiddenSize]);
        }
    }

    /// <summary>Checks that a checkpoint holds every tensor that the network needs, with its shape and in a type to compute with.</summary>
    /// <exception cref="CheckpointException">Names the first tensor that is missing or wrong.</exception>
    public void Validate(Checkpoint checkpoint)
    {
        foreach ((string name, ImmutableArray<long> shape) in ExpectedTensors())
        {
            if (!checkpoint.Tensors.TryGetValue(name, out TensorInfo? info))
            {
                throw new CheckpointException(
                    checkpoint.Path, $"has no tensor {name}; one of shape {TensorInfo.Describe(shape.AsSpan())} was expected");
            }

            if (!info.Shape.AsSpan().SequenceEqual(shape.AsSpan()))
            {
                throw new CheckpointException(
                    info.File,
                    $"tensor {info.StoredName} has the shape {TensorInfo.Describe(info.Shape.AsSpan())} where " +
                    $"{TensorInfo.Describe(shape.AsSpan())} was expected");
            }

            if (!Checkpoint.IsSupported(info.Type))
            {
                throw new CheckpointException(info.File, $"tensor {info.StoredName} is stored as {info.Type}, which cannot be computed with");
            }
        }
    }

    // What every reader ends with, so that nothing absurd is ever allocated. The names are those of config.json; GGUF calls
    // them otherwise, but means the same.
    private Gemma3Config Checked(string path)
    {
        CheckSize(path, "vocab_size", VocabularySize, VocabularyLimit);
        CheckSize(path, "hidden_size", HiddenSize, DimensionLimit);
        CheckSize(path, "intermediate_size", IntermediateSize, DimensionLimit);
        CheckSize(path, "num_attention_heads", HeadCount, DimensionLimit);
        CheckSize(path, "num_key_value_heads", KeyValueHeadCount, DimensionLimit);
        CheckSize(path, "head_dim", HeadDimension, DimensionLimit);
        CheckSize(path, "num_attention_heads x head_dim", (long)HeadCount * HeadDimension, DimensionLimit);
        CheckSize(path, "num_hidden_layers", LayerCount, LayerLimit);
        CheckSize(path, "max_position_embeddings", ContextLength, ContextLimit);
        CheckSize(path, "sliding_window", SlidingWindow, ContextLimit);
        Check(path, HeadDimension % 2 == 0, $"head_dim is {HeadDimension} where an even number was expected");
        Check(
            path,
            HeadCount % KeyValueHeadCount == 0,
            $"num_attention_heads is {HeadCount} where a multiple of num_key_value_heads, {KeyValueHeadCount}, was expected");
        CheckPositive(path, "rms_norm_eps", RmsNormEpsilon);
        CheckPositive(path, "query_pre_attn_scalar^-0.5", AttentionScale);
        CheckPositive(path, "final_logit_softcapping", FinalLogitSoftcap ?? 1);
        CheckPositive(path, "attn_logit_softcapping", AttentionLogitSoftcap ?? 1);
        foreach (LayerSpec layer in Layers)
        {
            CheckPositive(path, "rope_theta", layer.RopeBase);
            CheckPositive(path, "the factor of rope_scaling", layer.RopeScale);
        }

        foreach (int id in EosTokenIds)
        {
            CheckToken(path, "eos_token_id", id);
        }

        CheckToken(path, "bos_token_id", BosTokenId);
        CheckToken(path, "pad_token_id", PadTokenId);
        return this;
    }

    private static void CheckSize(string path, string name, long value, long limit) =>
        Check(path, value > 0 && value <= limit, $"{name} is {value} where 1 to {limit} was expected");

    private static void CheckPositive(string path, string name, double value) =>
        Check(path, double.IsFinite(value) && value > 0, $"{name} is {value:R} where a positive number was expected");

    private void CheckToken(string path, string name, int id) =>
        Check(path, id >= 0 && id < VocabularySize, $"{name} is {id} where 0 to {VocabularySize - 1} was expected");

    private static void Check(string path, bool condition, string fact)
    {
        if (!condition)
        {
            throw new CheckpointException(path, fact);
        }
    }
}
