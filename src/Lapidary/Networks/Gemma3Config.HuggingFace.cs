using System.Collections.Immutable;
using System.Text.Json;
using Lapidary.Checkpoints;

namespace Lapidary.Networks;

/// <content>Reading <c>config.json</c>: text and multimodal form, the keys of old and new versions of transformers.</content>
public sealed partial record Gemma3Config
{
    private const string Sliding = "sliding_attention";
    private const string Full = "full_attention";

    /// <summary>Reads a <c>config.json</c> that stands alone, without weights.</summary>
    /// <exception cref="CheckpointException">A value is missing, out of range or not supported, or the network is not Gemma 3.</exception>
    public static Gemma3Config FromFile(string path) => FromHuggingFace(JsonFile.Read(path), path, null, path);

    private static Gemma3Config FromHuggingFace(HuggingFaceFolder folder) =>
        FromHuggingFace(folder.Config, folder.ConfigPath, folder.ReadGenerationConfig(), folder.PathOf("generation_config.json"));

    /// <summary>Reads the configuration in <c>config.json</c>, with the stop tokens of <c>generation_config.json</c> where there is one.</summary>
    /// <param name="config">The object in <c>config.json</c>; it must have been checked to be sound JSON.</param>
    /// <param name="path">Named in errors.</param>
    /// <param name="generation">The object in <c>generation_config.json</c>, or null.</param>
    /// <param name="generationPath">Named in errors.</param>
    internal static Gemma3Config FromHuggingFace(JsonElement config, string path, JsonElement? generation, string generationPath)
    {
        var outer = new ConfigFields(config, path, string.Empty);
        bool multimodal = IsMultimodal(outer);
        ConfigFields text = multimodal ? outer.FindObject("text_config") ?? throw outer.Missing("text_config") : outer;
        RefuseUnsupported(text);

        // The text form is always written in full, so a size that is missing was lost. A multimodal config leaves out whatever
        // equals the default of Gemma3TextConfig in transformers; those defaults follow.
        int? Default(int value) => multimodal ? value : null;
        int layerCount = text.Integer("num_hidden_layers", Default(26));
        CheckSize(path, "num_hidden_layers", layerCount, LayerLimit);
        var result = new Gemma3Config
        {
            VocabularySize = text.Integer("vocab_size", Default(262208)),
            HiddenSize = text.Integer("hidden_size", Default(2304)),
            IntermediateSize = text.Integer("intermediate_size", Default(9216)),
            HeadCount = text.Integer("num_attention_heads", Default(8)),
            KeyValueHeadCount = text.Integer("num_key_value_heads", Default(4)),
            HeadDimension = text.Integer("head_dim", Default(256)),
            AttentionScale = (float)(1 / Math.Sqrt(text.FindNumber("query_pre_attn_scalar") ?? 256)),
            RmsNormEpsilon = (float)(text.FindNumber("rms_norm_eps") ?? 1e-6),
            ContextLength = text.Integer("max_position_embeddings", 131072),
            FinalLogitSoftcap = (float?)text.FindNumber("final_logit_softcapping"),
            AttentionLogitSoftcap = (float?)text.FindNumber("attn_logit_softcapping"),
            TiedEmbeddings = text.Boolean("tie_word_embeddings", outer.Boolean("tie_word_embeddings", true)),
            Layers = [],
        };
        bool[] full = ReadPattern(text, layerCount);
        int window = text.Integer("sliding_window", multimodal || !full.Contains(false) ? 4096 : null);
        result = result with { SlidingWindow = window, Layers = ReadLayers(text, full, window) };
        return ReadTokens(result, outer, text, generation is JsonElement g ? new ConfigFields(g, generationPath, string.Empty) : null)
            .Checked(path);
    }

    private static bool IsMultimodal(ConfigFields outer)
    {
        string type = outer.FindText("model_type") ?? throw outer.Missing("model_type");
        string[]? architectures = outer.FindTexts("architectures", 16);
        string? architecture = architectures is [var only] ? only : null;
        if (architectures is not null && architecture is null)
        {
            throw outer.Unsupported("architectures", $"a list of {architectures.Length}", "one entry");
        }

        (string expected, bool multimodal) = type switch
        {
            "gemma3_text" => ("Gemma3ForCausalLM", false),
            "gemma3" => ("Gemma3ForConditionalGeneration", true),
            _ => throw outer.Unsupported("model_type", $"\"{type}\"", "gemma3_text or gemma3"),
        };
        return architecture is null || architecture == expected
            ? multimodal
            : throw outer.Unsupported("architectures", $"\"{architecture}\"", expected);
    }

    private static void RefuseUnsupported(ConfigFields text)
    {
        if (text.FindText("model_type") is string type and not "gemma3_text")
        {
            throw text.Unsupported("model_type", $"\"{type}\"", "gemma3_text");
        }

        foreach (string name in (ReadOnlySpan<string>)["hidden_activation", "hidden_act"])
        {
            if (text.FindText(name) is string activation and not "gelu_pytorch_tanh")
            {
                throw text.Unsupported(name, $"\"{activation}\"", "gelu_pytorch_tanh");
            }
        }

        foreach (string name in (ReadOnlySpan<string>)["attention_bias", "use_bidirectional_attention"])
        {
            if (text.Boolean(name, false))
            {
                throw text.Unsupported(name, "true", "false");
            }
        }
    }

    // True where a layer sees everything. layer_types wins; before it came to be, every sixth layer was global.
    private static bool[] ReadPattern(ConfigFields text, int layerCount)
    {
        var full = new bool[layerCount];
        if (text.FindTexts("layer_types", LayerLimit) is string[] types)
        {
            if (types.Length != layerCount)
            {
                throw text.Unsupported("layer_types", $"a list of {types.Length}", $"one entry for each of {layerCount} layers");
            }

            for (int i = 0; i < layerCount; i++)
            {
                full[i] = types[i] switch
                {
                    Full => true,
                    Sliding => false,
                    _ => throw text.Unsupported("layer_types", $"\"{types[i]}\" for layer {i}", $"{Full} or {Sliding}"),
                };
            }

            return full;
        }

        int pattern = text.FindInteger("sliding_window_pattern") ?? text.FindInteger("_sliding_window_pattern") ?? 6;
        if (pattern <= 0)
        {
            throw text.Unsupported("sliding_window_pattern", $"{pattern}", "a positive number");
        }

        for (int i = 0; i < layerCount; i++)
        {
            full[i] = (i + 1) % pattern == 0;
        }

        return full;
    }

    private static ImmutableArray<LayerSpec> ReadLayers(ConfigFields text, bool[] full, int window)
    {
        double globalBase = text.FindNumber("rope_theta") ?? 1e6;
        double localBase = text.FindNumber("rope_local_base_freq") ?? 1e4;
        double globalScale = text.FindObject("rope_scaling") is ConfigFields scaling ? ReadScale(scaling) : 1;
        double localScale = 1;
        if (text.FindObject("rope_parameters") is ConfigFields parameters)
        {
            // transformers 5 keeps the same facts per kind of layer.
            if (!parameters.Has(Full) && !parameters.Has(Sliding))
            {
                throw parameters.Missing(Full);
            }

            if (parameters.FindObject(Full) is ConfigFields global)
            {
                globalBase = global.FindNumber("rope_theta") ?? globalBase;
                globalScale = global.Has("rope_type") || global.Has("type") ? ReadScale(global) : globalScale;
            }

            if (parameters.FindObject(Sliding) is ConfigFields local)
            {
                localBase = local.FindNumber("rope_theta") ?? localBase;
                localScale = ReadScale(local);
            }
        }

        var layers = ImmutableArray.CreateBuilder<LayerSpec>(full.Length);
        foreach (bool seesAll in full)
        {
            layers.Add(seesAll ? new LayerSpec(null, globalBase, globalScale) : new LayerSpec(window, localBase, localScale));
        }

        return layers.MoveToImmutable();
    }

    private static double ReadScale(ConfigFields rope)
    {
        string kind = rope.FindText("rope_type") ?? rope.FindText("type") ?? "default";
        return kind switch
        {
            "default" => 1,
            "linear" => rope.FindNumber("factor") ?? throw rope.Missing("factor"),
            _ => throw rope.Unsupported("rope_type", $"\"{kind}\"", "linear or default"),
        };
    }

    // What generation_config.json says is what transformers generates with; a multimodal config says it outside of text_config.
    private static Gemma3Config ReadTokens(Gemma3Config config, ConfigFields outer, ConfigFields text, ConfigFields? generation) => config with
    {
        BosTokenId = generation?.FindInteger("bos_token_id") ?? outer.FindInteger("bos_token_id") ?? text.FindInteger("bos_token_id") ?? 2,
        PadTokenId = generation?.FindInteger("pad_token_id") ?? outer.FindInteger("pad_token_id") ?? text.FindInteger("pad_token_id") ?? 0,
        EosTokenIds =
        [
            .. generation?.FindIntegers("eos_token_id")
                ?? outer.FindIntegers("eos_token_id")
                ?? text.FindIntegers("eos_token_id")
                ?? [1],
        ],
    };
}
