using System.Text.Json;
using System.Text.Json.Nodes;
using Lapidary.Checkpoints;
using Lapidary.Networks;
using Lapidary.Numerics;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Tests.Networks;

public class Gemma3ConfigTests
{
    public static TheoryData<string> Presets => [.. Gemma3Presets.Names];

    [Theory]
    [MemberData(nameof(Presets))]
    public void A_configuration_that_is_written_is_read_as_the_same(string name)
    {
        Gemma3Config config = Gemma3Presets.Get(name);
        foreach (ElementType type in (ElementType[])[ElementType.F32, ElementType.F16, ElementType.BF16])
        {
            Read(config.ToHuggingFace(type)).ShouldBe(config);
        }
    }

    [Theory]
    [MemberData(nameof(Presets))]
    public void Old_and_new_keys_say_the_same(string name)
    {
        Gemma3Config config = Gemma3Presets.Get(name);
        JsonObject old = config.ToHuggingFace(ElementType.BF16);
        old.Remove("layer_types");
        old.Remove("_sliding_window_pattern");
        if (old["rope_scaling"] is JsonObject scaling)
        {
            scaling.Remove("rope_type");
            scaling["type"] = "linear";
        }

        Read(old).ShouldBe(config);

        JsonObject without = config.ToHuggingFace(ElementType.BF16);
        foreach (string key in (string[])["layer_types", "sliding_window_pattern", "_sliding_window_pattern", "rope_theta", "rope_local_base_freq"])
        {
            without.Remove(key);
        }

        Read(without).ShouldBe(config);

        JsonObject newest = config.ToHuggingFace(ElementType.BF16);
        double factor = config.Layers[5].RopeScale;
        newest["rope_parameters"] = new JsonObject
        {
            ["full_attention"] = factor == 1
                ? new JsonObject { ["rope_type"] = "default", ["rope_theta"] = 1e6 }
                : new JsonObject { ["rope_type"] = "linear", ["factor"] = factor, ["rope_theta"] = 1e6 },
            ["sliding_attention"] = new JsonObject { ["rope_type"] = "default", ["rope_theta"] = 1e4 },
        };
        foreach (string key in (string[])["rope_theta", "rope_local_base_freq", "rope_scaling", "sliding_window_pattern", "_sliding_window_pattern"])
        {
            newest.Remove(key);
        }

        Read(newest).ShouldBe(config);
    }

    // What google/gemma-3-4b-it, -12b-it and -27b-it say in text_config, and nothing more.
    [Theory]
    [InlineData("gemma-3-4b", """{"hidden_size":2560,"intermediate_size":10240,"model_type":"gemma3_text","num_hidden_layers":34,"rope_scaling":{"factor":8.0,"rope_type":"linear"},"sliding_window":1024}""")]
    [InlineData("gemma-3-12b", """{"hidden_size":3840,"intermediate_size":15360,"model_type":"gemma3_text","num_attention_heads":16,"num_hidden_layers":48,"num_key_value_heads":8,"rope_scaling":{"factor":8.0,"rope_type":"linear"},"sliding_window":1024}""")]
    [InlineData("gemma-3-27b", """{"head_dim":128,"hidden_size":5376,"intermediate_size":21504,"model_type":"gemma3_text","num_attention_heads":32,"num_hidden_layers":62,"num_key_value_heads":16,"query_pre_attn_scalar":168,"rope_scaling":{"factor":8.0,"rope_type":"linear"},"sliding_window":1024}""")]
    public void Published_multimodal_configurations_follow_the_defaults_of_transformers(string preset, string text)
    {
        var config = new JsonObject
        {
            ["architectures"] = new JsonArray("Gemma3ForConditionalGeneration"),
            ["model_type"] = "gemma3",
            ["eos_token_id"] = new JsonArray(1, 106),
            ["text_config"] = JsonNode.Parse(text),
            ["vision_config"] = new JsonObject { ["hidden_size"] = 1152 },
        };
        Read(config).ShouldBe(Gemma3Presets.Get(preset));
    }

    [Fact]
    public void The_sizes_of_the_presets_are_those_of_the_published_models()
    {
        Gemma3Presets.Get("gemma-3-270m").ParameterCount.ShouldBe(268_098_176);
        Gemma3Presets.Get("gemma-3-1b").ParameterCount.ShouldBe(999_885_952);
        Gemma3Presets.Get("gemma-3-4b").ParameterCount.ShouldBe(3_880_263_168);
        Gemma3Presets.Get("gemma-3-27b").AttentionScale.ShouldBe((float)(1 / Math.Sqrt(168)));
        Should.Throw<ArgumentException>(() => Gemma3Presets.Get("gemma-9")).Message.ShouldContain("gemma-3-270m");
    }

    [Fact]
    public void A_model_without_rule_in_its_layers_keeps_them()
    {
        Gemma3Config config = Gemma3Presets.Get("tiny") with
        {
            Layers = [new(null, 5e5, 2), new(9, 2e4, 4), new(9, 2e4, 4), new(null, 5e5, 2)],
            SlidingWindow = 9,
            AttentionScale = 0.123f,
            FinalLogitSoftcap = 30,
            AttentionLogitSoftcap = 50,
            TiedEmbeddings = false,
            RmsNormEpsilon = 1e-5f,
        };
        JsonObject json = config.ToHuggingFace(ElementType.F32);
        json.ContainsKey("sliding_window_pattern").ShouldBeFalse();
        Gemma3Config read = Read(json);
        read.AttentionScale.ShouldBe(config.AttentionScale, 1e-7f);
        (read with { AttentionScale = config.AttentionScale }).ShouldBe(config);

        Gemma3Config mixed = config with { Layers = [new(null, 1, 1), new(null, 2, 1)] };
        Should.Throw<InvalidOperationException>(() => mixed.ToHuggingFace(ElementType.F32));
    }

    [Fact]
    public void Stop_tokens_come_from_generation_config_first()
    {
        using var folder = new TemporaryFolder();
        TinyModel.WriteFolder(folder.Path, config => config["eos_token_id"] = 7);
        using (Checkpoint checkpoint = Checkpoint.Open(folder.Path))
        {
            Gemma3Config.From(checkpoint).EosTokenIds.ShouldBe([7]);
        }

        File.WriteAllText(folder["generation_config.json"], """{"eos_token_id":[1,9]}""");
        using (Checkpoint checkpoint = Checkpoint.Open(folder.Path))
        {
            Gemma3Config.From(checkpoint).EosTokenIds.ShouldBe([1, 9]);
        }

        File.WriteAllText(folder["generation_config.json"], "{");
        using (Checkpoint checkpoint = Checkpoint.Open(folder.Path))
        {
            Should.Throw<CheckpointException>(() => Gemma3Config.From(checkpoint)).Message.ShouldContain("generation_config.json: is not valid JSON");
        }
    }

    [Fact]
    public void The_fixtures_are_Gemma_3()
    {
        foreach (string name in (string[])["g3-tiny-a", "g3-tiny-a-bf16", "g3-tiny-b", "g3-tiny-b-bf16"])
        {
            using Checkpoint checkpoint = Checkpoint.Open(Fixtures.PathOf(name));
            Gemma3Config config = Gemma3Config.From(checkpoint);
            config.Validate(checkpoint);
            config.ShouldBe(Gemma3Config.FromFile(Path.Combine(Fixtures.PathOf(name), "config.json")));
            Read(config.ToHuggingFace(ElementType.BF16)).ShouldBe(config);
            config.ParameterCount.ShouldBe(checkpoint.Tensors.Values.Sum(tensor => tensor.Length));
        }

        using Checkpoint b = Checkpoint.Open(Fixtures.PathOf("g3-tiny-b"));
        Gemma3Config.From(b).Layers[5].ShouldBe(new LayerSpec(null, 1e6, 8));
        Gemma3Config.From(b).Layers[6].ShouldBe(new LayerSpec(8, 1e4, 1));
        Gemma3Config.From(b).AttentionScale.ShouldBe(0.25f);
    }

    [Fact]
    public void Metadata_of_GGUF_has_the_defaults_of_llama_cpp()
    {
        Gemma3Config config = FromGguf(TinyModel.Gguf()
            .Remove("gemma3.rope.freq_base").Remove("gemma3.attention.head_count_kv").Remove("gemma3.attention.key_length")
            .Remove("gemma3.attention.value_length").Remove("gemma3.attention.sliding_window_pattern").Set("gemma3.block_count", 12u));
        config.HeadDimension.ShouldBe(4);
        config.KeyValueHeadCount.ShouldBe(2);
        config.Layers[5].ShouldBe(new LayerSpec(null, 1e4, 1));
        config.Layers.Count(layer => layer.Window is null).ShouldBe(2);
        config.AttentionScale.ShouldBe(0.5f);
        config.EosTokenIds.ShouldBe([1]);

        FromGguf(TinyModel.Gguf().Remove("gemma3.attention.sliding_window")).Layers.ShouldAllBe(layer => layer.Window == null);
        Gemma3Config scaled = FromGguf(TinyModel.Gguf().Set("gemma3.rope.scaling.type", "linear").Set("gemma3.rope.scaling.factor", 8f));
        scaled.Layers.ToArray().ShouldBe([new LayerSpec(5, 1e4, 1), new LayerSpec(null, 1e6, 8)]);
        FromGguf(TinyModel.Gguf().Set("gemma3.rope.scaling.type", "none").Set("gemma3.rope.scaling.factor", 8f)).Layers[1].RopeScale.ShouldBe(1);
        FromGguf(TinyModel.Gguf().Set("gemma3.attention.sliding_window_pattern", false, true)).Layers[0].Window.ShouldBeNull();
        FromGguf(TinyModel.Gguf().Set("gemma3.rope.freq_base_swa", 5f)).Layers[0].RopeBase.ShouldBe(5);
        FromGguf(TinyModel.Gguf().Set("gemma3.final_logit_softcapping", 30f)).FinalLogitSoftcap.ShouldBe(30);

        // 62 layers are the 27B model, whose scale comes from the width: 8 / 2 here.
        FromGguf(TinyModel.Gguf().Set("gemma3.block_count", 62u).Set("gemma3.attention.key_length", 16u).Set("gemma3.attention.value_length", 16u))
            .AttentionScale.ShouldBe(0.5f);
        FromGguf(TinyModel.Gguf().Set("tokenizer.ggml.tokens", "a", "<eos>", "<end_of_turn>").Set("tokenizer.ggml.eos_token_id", 2u))
            .EosTokenIds.ShouldBe([1, 2]);
    }

    private static Gemma3Config Read(JsonObject config)
    {
        using JsonDocument document = JsonDocument.Parse(config.ToJsonString());
        return Gemma3Config.FromHuggingFace(document.RootElement, "config.json", null, "generation_config.json");
    }

    private static Gemma3Config FromGguf(GgufBuilder builder)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["a.gguf"], builder.Build());
        using Checkpoint checkpoint = Checkpoint.Open(folder["a.gguf"]);
        return Gemma3Config.From(checkpoint);
    }
}
