using System.Text.Json.Nodes;
using Lapidary.Numerics;

namespace Lapidary.Networks;

/// <content>Writing <c>config.json</c> and <c>generation_config.json</c>.</content>
public sealed partial record Gemma3Config
{
    /// <summary>
    /// The text form of <c>config.json</c>, with the keys that every version of transformers since Gemma 3 appeared, and llama.cpp's
    /// converter, understand.
    /// </summary>
    /// <param name="dtype">The type of the weights.</param>
    /// <exception cref="InvalidOperationException">Layers of one kind differ, which a configuration file cannot say.</exception>
    public JsonObject ToHuggingFace(ElementType dtype)
    {
        LayerSpec global = SpecOf(full: true) ?? new LayerSpec(null, 1e6, 1);
        LayerSpec local = SpecOf(full: false) ?? new LayerSpec(SlidingWindow, 1e4, 1);
        var config = new JsonObject
        {
            ["architectures"] = new JsonArray("Gemma3ForCausalLM"),
            ["model_type"] = "gemma3_text",
            ["torch_dtype"] = TorchName(dtype),
            ["vocab_size"] = VocabularySize,
            ["hidden_size"] = HiddenSize,
            ["intermediate_size"] = IntermediateSize,
            ["num_hidden_layers"] = LayerCount,
            ["num_attention_heads"] = HeadCount,
            ["num_key_value_heads"] = KeyValueHeadCount,
            ["head_dim"] = HeadDimension,
            ["hidden_activation"] = "gelu_pytorch_tanh",
            ["max_position_embeddings"] = ContextLength,
            ["rms_norm_eps"] = Shortest(RmsNormEpsilon),
            ["query_pre_attn_scalar"] = QueryScalar(),
            ["attention_bias"] = false,
            ["attention_dropout"] = 0.0,
            ["attn_logit_softcapping"] = AttentionLogitSoftcap is float attentionCap ? Shortest(attentionCap) : null,
            ["final_logit_softcapping"] = FinalLogitSoftcap is float finalCap ? Shortest(finalCap) : null,
            ["sliding_window"] = SlidingWindow,
            ["layer_types"] = LayerTypes(),
            ["rope_theta"] = global.RopeBase,
            ["rope_local_base_freq"] = local.RopeBase,
            ["rope_scaling"] = global.RopeScale == 1 ? null : Linear(global.RopeScale),
            ["initializer_range"] = 0.02,
            ["tie_word_embeddings"] = TiedEmbeddings,
            ["use_cache"] = true,
            ["bos_token_id"] = BosTokenId,
            ["eos_token_id"] = Ids(),
            ["pad_token_id"] = PadTokenId,
        };
        if (Pattern() is int pattern)
        {
            // What versions before layer_types read.
            config["sliding_window_pattern"] = pattern;
            config["_sliding_window_pattern"] = pattern;
        }

        if (local.RopeScale != 1)
        {
            // Only the newest form can stretch the local layers.
            config["rope_parameters"] = new JsonObject
            {
                [Full] = RopeParameters(global),
                [Sliding] = RopeParameters(local),
            };
        }

        return config;
    }

    /// <summary>
    /// Puts the sizes of this network, and the type of each of its layers, into the <c>config.json</c> of another that has the same constants:
    /// everything else that stands there stays.
    /// </summary>
    /// <param name="config">The text form; changed in place.</param>
    internal void PutSizesInto(JsonObject config)
    {
        config["hidden_size"] = HiddenSize;
        config["intermediate_size"] = IntermediateSize;
        config["num_hidden_layers"] = LayerCount;
        config["num_attention_heads"] = HeadCount;
        config["num_key_value_heads"] = KeyValueHeadCount;
        config["head_dim"] = HeadDimension;
        config["layer_types"] = LayerTypes();
        foreach (string key in (ReadOnlySpan<string>)["sliding_window_pattern", "_sliding_window_pattern"])
        {
            if (Pattern() is int pattern)
            {
                config[key] = pattern;
            }
            else
            {
                config.Remove(key);
            }
        }
    }

    /// <summary>What <c>generation_config.json</c> says: the special tokens and the sampling that Google recommends for Gemma 3.</summary>
    public JsonObject ToGenerationConfig() => new()
    {
        ["bos_token_id"] = BosTokenId,
        ["eos_token_id"] = Ids(),
        ["pad_token_id"] = PadTokenId,
        ["cache_implementation"] = "hybrid",
        ["do_sample"] = true,
        ["top_k"] = 64,
        ["top_p"] = 0.95,
    };

    /// <summary>The name that transformers gives to a type.</summary>
    internal static string TorchName(ElementType dtype) => dtype switch
    {
        ElementType.F32 => "float32",
        ElementType.F16 => "float16",
        ElementType.BF16 => "bfloat16",
        _ => throw new ArgumentOutOfRangeException(nameof(dtype), dtype, "Hugging Face folders hold F32, F16 or BF16."),
    };

    private static JsonObject Linear(double factor) => new() { ["rope_type"] = "linear", ["factor"] = factor };

    private static JsonObject RopeParameters(LayerSpec layer)
    {
        JsonObject rope = layer.RopeScale == 1 ? new JsonObject { ["rope_type"] = "default" } : Linear(layer.RopeScale);
        rope["rope_theta"] = layer.RopeBase;
        return rope;
    }

    private JsonArray LayerTypes() => new([.. Layers.Select(layer => (JsonNode)(layer.Window is null ? Full : Sliding))]);

    // 1e-6 as a float, written as a double, would be 9.999999974752427e-07.
    private static double Shortest(float value) => double.Parse(value.ToString("R"));

    private JsonNode Ids() => EosTokenIds.Length == 1
        ? EosTokenIds[0]
        : new JsonArray([.. EosTokenIds.Select(id => (JsonNode)id)]);

    // The scale is a rounded float of an inverse root; the number it came from is nearly always whole.
    private JsonNode QueryScalar()
    {
        double scalar = 1 / ((double)AttentionScale * AttentionScale);
        double whole = Math.Round(scalar);
        return whole >= 1 && (float)(1 / Math.Sqrt(whole)) == AttentionScale ? (JsonNode)(long)whole : scalar;
    }

    private LayerSpec? SpecOf(bool full)
    {
        LayerSpec? found = null;
        foreach (LayerSpec layer in Layers.Where(layer => layer.Window is null == full))
        {
            if (found is not null && found != layer)
            {
                throw new InvalidOperationException($"Layers differ, {found} and {layer}, in a way that config.json cannot say.");
            }

            found = layer;
        }

        return found;
    }

    // The period of "every n-th layer is global", or null if the layers follow no such rule.
    private int? Pattern()
    {
        int first = Layers.TakeWhile(layer => layer.Window is not null).Count();
        int pattern = first + 1;
        return first < LayerCount && Layers.Select((layer, i) => layer.Window is null == ((i + 1) % pattern == 0)).All(fits => fits)
            ? pattern
            : null;
    }
}
