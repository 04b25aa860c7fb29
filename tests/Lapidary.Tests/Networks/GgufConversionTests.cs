using System.Text.Json;
using System.Text.Json.Nodes;
using Lapidary.Checkpoints;
using Lapidary.Inference.Sampling;
using Lapidary.Networks;
using Lapidary.Numerics;
using Lapidary.Tests.Common;
using Lapidary.Text;
using Shouldly;
using Xunit;

namespace Lapidary.Tests.Networks;

/// <summary>Whole models from a folder to a GGUF file and back.</summary>
public sealed class GgufConversionTests : IDisposable
{
    private static readonly string[] Texts =
    [
        .. File.ReadLines(Fixtures.PathOf("tokenizers/sentences.txt")),
        "<bos><start_of_turn>user\nWho sells wool in the Vale?<end_of_turn>\n<start_of_turn>model\n",
        "a  b   c    d\t\te\n\n\nf", new string(' ', 100), new string('\n', 70), "na\u00efve \U0001f600 \u65e5\u672c",
    ];

    private readonly TemporaryFolder folder = new();

    /// <inheritdoc/>
    public void Dispose() => folder.Dispose();

    [Fact]
    public void Pebble_comes_back_to_the_bit()
    {
        string pebble = Pebble("pebble-it");
        ToGguf(pebble, "pebble.gguf", null);
        ToFolder("pebble.gguf", "back");

        using Checkpoint there = Checkpoint.Open(pebble);
        using Checkpoint back = Checkpoint.Open(folder["back"]);
        back.Tensors.Keys.Order(StringComparer.Ordinal).ShouldBe(there.Tensors.Keys.Order(StringComparer.Ordinal));
        foreach (string name in there.Tensors.Keys)
        {
            back.GetTensor(name).Type.ShouldBe(ElementType.BF16);
            Bytes(back.GetTensor(name)).SequenceEqual(Bytes(there.GetTensor(name))).ShouldBeTrue(name);
        }

        Gemma3Config.From(back).ShouldBe(Gemma3Config.From(there));
        GenerationDefaults.Read(back).ShouldBe(GenerationDefaults.Read(there));
        foreach (string name in (string[])["pebble.gguf", "back"])
        {
            SameIds(pebble, folder[name]);
            var input = new ChatTemplateInput { Messages = [new ChatTemplateMessage("user", "Hi")], AddGenerationPrompt = true, BosToken = "<bos>" };
            ChatTemplate.Find(folder[name])!.Render(input, TestContext.Current.CancellationToken).ShouldBe("<bos><start_of_turn>user\nHi<end_of_turn>\n<start_of_turn>model\n");
        }

        // The merges of a vocabulary are a matter of its scores alone, so the list is the one that the trainer wrote.
        JsonNode before = JsonNode.Parse(File.ReadAllText(Path.Combine(pebble, "tokenizer.json")))!["model"]!;
        JsonNode after = JsonNode.Parse(File.ReadAllText(folder["back/tokenizer.json"]))!["model"]!;
        JsonNode.DeepEquals(after["vocab"], before["vocab"]).ShouldBeTrue();
        Sorted(after).ShouldBe(Sorted(before));
    }

    [Fact]
    public void Single_precision_comes_back_but_for_the_rounding_of_the_norms()
    {
        string model = TinyChatModel.Write(folder["in"]);
        ToGguf(model, "a.gguf", ElementType.F32);
        ToFolder("a.gguf", "back");
        ToGguf(folder["back"], "b.gguf", ElementType.F32);

        using Checkpoint there = Checkpoint.Open(model);
        using Checkpoint gguf = Checkpoint.Open(folder["a.gguf"]);
        using Checkpoint back = Checkpoint.Open(folder["back"]);
        using Checkpoint again = Checkpoint.Open(folder["b.gguf"]);
        gguf.Tensors.Keys.ShouldBe(there.Tensors.Keys);
        foreach (string name in there.Tensors.Keys)
        {
            Bytes(again.GetTensor(name)).SequenceEqual(Bytes(gguf.GetTensor(name))).ShouldBeTrue(name);
            if (!TensorNames.IsNorm(name))
            {
                Bytes(back.GetTensor(name)).SequenceEqual(Bytes(there.GetTensor(name))).ShouldBeTrue(name);
                continue;
            }

            // 1 + w has 24 bits.
            float[] before = Row(there.GetTensor(name));
            Row(gguf.GetTensor(name)).ShouldBe([.. before.Select(w => 1 + w)], name);
            Row(back.GetTensor(name)).ShouldBe([.. before.Select(w => 1 + w - 1)], name);
        }

        SameIds(model, folder["a.gguf"]);
        SameIds(model, folder["back"]);
    }

    [Theory]
    [InlineData(ElementType.F16, 1u)]
    [InlineData(ElementType.BF16, 32u)]
    public void Matrices_have_the_type_and_norms_stay_wide(ElementType type, uint fileType)
    {
        ToGguf(Fixtures.PathOf("g3-tiny-b-bf16"), "a.gguf", type, withTokenizer: false);
        using (GgufCheckpoint gguf = GgufCheckpoint.Open(folder["a.gguf"]))
        {
            gguf.Tensors.Values.ShouldAllBe(tensor => tensor.Type == StoredType.Of(tensor.Shape.Length == 1 ? ElementType.F32 : type));
            gguf.Gguf.Metadata["general.file_type"].ToInt64().ShouldBe(fileType);
            gguf.Gguf.Metadata["gemma3.rope.scaling.type"].ToText().ShouldBe("linear");
            gguf.Gguf.Metadata["gemma3.rope.scaling.factor"].ToDouble().ShouldBe(8);
            Gemma3Config.From(gguf).ShouldBe(Gemma3Config.FromFile(Fixtures.PathOf("g3-tiny-b-bf16/config.json")));

            // Without a tokenizer it says so, which is llama.cpp's word for it.
            gguf.Gguf.Metadata["tokenizer.ggml.model"].ToText().ShouldBe("no_vocab");
            gguf.Gguf.Metadata["gemma3.vocab_size"].ToInt64().ShouldBe(320);
            gguf.HasTokenizer.ShouldBeFalse();
        }

        // From one file to another, everything but the types stays.
        using Checkpoint source = Checkpoint.Open(folder["a.gguf"]);
        CheckpointConverter.ToGguf(source, folder["wide.gguf"], ElementType.F32, cancellationToken: TestContext.Current.CancellationToken);
        CheckpointConverter.ToGguf(source, folder["same.gguf"], cancellationToken: TestContext.Current.CancellationToken);
        File.ReadAllBytes(folder["same.gguf"]).ShouldBe(File.ReadAllBytes(folder["a.gguf"]));
        using GgufFile wide = GgufFile.Open(folder["wide.gguf"]);
        wide.Metadata["general.file_type"].ToInt64().ShouldBe(0);
        wide.Tensors.Values.ShouldAllBe(tensor => tensor.Type.Name == "F32");
    }

    [Fact]
    public void The_text_part_of_a_multimodal_folder_is_taken_whole_or_in_shards()
    {
        JsonObject config = TinyModel.Config();
        TinyModel.WriteFolder(folder["in"], json =>
        {
            JsonObject text = TinyModel.Config();
            text.Remove("architectures");
            json.Clear();
            json["architectures"] = new JsonArray("Gemma3ForConditionalGeneration");
            json["model_type"] = "gemma3";
            json["text_config"] = text;
        }, list =>
        {
            for (int i = 0; i < list.Count; i++)
            {
                list[i] = list[i] with { Name = "language_model." + list[i].Name };
            }

            list.Add(new SafetensorsEntry("language_model.lm_head.weight", "F32", [16, 8], new byte[512]));
            list.Add(new SafetensorsEntry("vision_tower.x.weight", "F32", [2], new byte[8]));
            list.Add(new SafetensorsEntry("multi_modal_projector.norm.weight", "F32", [2], new byte[8]));
        });
        using (Checkpoint whole = Checkpoint.Open(folder["in"]))
        {
            CheckpointConverter.ToHuggingFace(whole, folder["shards"], shardLimit: 300, cancellationToken: TestContext.Current.CancellationToken);
        }

        ToGguf(folder["in"], "a.gguf", null, withTokenizer: false);
        ToGguf(folder["shards"], "b.gguf", null, withTokenizer: false);
        using GgufCheckpoint a = GgufCheckpoint.Open(folder["a.gguf"]);
        using GgufCheckpoint b = GgufCheckpoint.Open(folder["b.gguf"]);
        a.Tensors.Keys.ShouldBe(TinyModel.Tensors().Select(tensor => tensor.Name));
        b.Tensors.Keys.Order(StringComparer.Ordinal).ShouldBe(a.Tensors.Keys.Order(StringComparer.Ordinal));
        a.Gguf.Tensors.Keys.ShouldBe(TinyModel.Tensors().Select(tensor => tensor.Gguf));
        Gemma3Config.From(a).Layers.ShouldBe(Gemma3Config.FromFile(WriteConfig(config)).Layers);
    }

    [Theory]
    [InlineData("sliding sliding sliding", null)]
    [InlineData("sliding sliding sliding sliding sliding sliding", 0L)]
    [InlineData("full full full", null)]
    [InlineData("sliding full sliding", 2L)]
    [InlineData("sliding sliding full sliding sliding full sliding", 3L)]
    [InlineData("sliding sliding sliding sliding sliding full sliding", null)]
    [InlineData("full sliding sliding full", "0110")]
    public void Every_pattern_of_layers_can_be_said(string layers, object? expected)
    {
        string[] types = [.. layers.Split(' ').Select(layer => layer + "_attention")];
        var config = Gemma3Config.FromFile(WriteConfig(TinyModel.Config(), json =>
        {
            json["num_hidden_layers"] = types.Length;
            json["layer_types"] = new JsonArray([.. types.Select(type => (JsonNode)type)]);
            json["final_logit_softcapping"] = 30.0;
        }));
        RandomCheckpoint.Write(config, folder["in"], 1, ElementType.F32, cancellationToken: TestContext.Current.CancellationToken);
        ToGguf(folder["in"], "a.gguf", null, withTokenizer: false);

        using GgufCheckpoint gguf = GgufCheckpoint.Open(folder["a.gguf"]);
        Gemma3Config.From(gguf).Layers.ShouldBe(config.Layers);
        Gemma3Config.From(gguf).FinalLogitSoftcap.ShouldBe(30);
        GgufValue? pattern = gguf.Gguf.Metadata.GetValueOrDefault("gemma3.attention.sliding_window_pattern");
        object? found = pattern is null ? null
            : pattern.IsArray ? string.Concat(pattern.ToBooleans().Select(slides => slides ? '1' : '0'))
            : pattern.ToInt64();
        found.ShouldBe(expected);
    }

    [Theory]
    [InlineData("query_pre_attn_scalar", "5", "query_pre_attn_scalar")]
    [InlineData("attn_logit_softcapping", "50.0", "has attn_logit_softcapping, which GGUF files of gemma3 cannot say")]
    [InlineData("rope_parameters", """{"sliding_attention":{"rope_type":"linear","factor":2.0}}""", "stretches the positions of its sliding layers")]
    [InlineData("model_type", "\"llama\"", "model_type is \"llama\"")]
    public void What_such_a_file_cannot_say_is_refused(string key, string value, string fragment)
    {
        TinyModel.WriteFolder(folder["in"], json => json[key] = JsonNode.Parse(value));
        Refused("in", "a.gguf", fragment, withTokenizer: false);
    }

    [Fact]
    public void Wrong_requests_leave_nothing_behind()
    {
        TinyModel.WriteFolder(folder["in"]);
        Refused("in", "a.gguf", "has neither tokenizer.json nor tokenizer.model, which the GGUF file of a model needs");
        File.WriteAllText(folder["there.gguf"], "x");
        Refused("in", "there.gguf", "is there already");
        Refused("in", "in", "is a folder where a file to write was expected", withTokenizer: false);
        Refused("in", "in/model.safetensors", "is a file of the checkpoint that is converted", withTokenizer: false, overwrite: true);
        Refused("in", "no/a.gguf", "cannot be written", withTokenizer: false);
        TinyModel.WriteFolder(folder["large"], null, list => BitConverter.GetBytes(70000f).CopyTo(list[3].Data, 40));
        Refused("large", "a.gguf", "tensor model.layers.0.self_attn.k_proj.weight holds a value of magnitude 70000, which is too large for F16",
            ElementType.F16, withTokenizer: false);
        TinyModel.WriteFolder(folder["more"], null, list => list.Add(new SafetensorsEntry("model.extra.weight", "F32", [1], new byte[4])));
        Refused("more", "a.gguf", "tensor model.extra.weight has no place in a GGUF file of Gemma 3", withTokenizer: false);
        using (Checkpoint source = Checkpoint.Open(folder["in"]))
        {
            Should.Throw<OperationCanceledException>(() => CheckpointConverter.ToGguf(
                source, folder["a.gguf"], withTokenizer: false, cancellationToken: new CancellationToken(canceled: true)));
        }

        Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal).ShouldBe(["in", "large", "more", "there.gguf"]);
        File.ReadAllText(folder["there.gguf"]).ShouldBe("x");
    }

    [Fact]
    public void Sampling_is_carried_in_both_directions()
    {
        string model = TinyChatModel.Write(
            folder["in"],
            generation: """{"eos_token_id":[1,5],"do_sample":true,"temperature":0.7,"top_k":12,"top_p":0.9,"min_p":0.05,"repetition_penalty":1.1}""");
        ToGguf(model, "a.gguf", null);
        ToFolder("a.gguf", "back");
        using GgufCheckpoint gguf = GgufCheckpoint.Open(folder["a.gguf"]);
        gguf.Gguf.Metadata["tokenizer.ggml.eot_token_id"].ToInt64().ShouldBe(5);
        gguf.Gguf.Metadata["general.sampling.top_k"].Type.ShouldBe(GgufValueType.Int32);
        using Checkpoint back = Checkpoint.Open(folder["back"]);
        JsonElement generation = ((HuggingFaceFolder)back).ReadGenerationConfig()!.Value;
        generation.GetProperty("temperature").GetRawText().ShouldBe("0.7");
        generation.GetProperty("top_k").GetRawText().ShouldBe("12");
        generation.GetProperty("repetition_penalty").GetRawText().ShouldBe("1.1");
        generation.GetProperty("eos_token_id").GetRawText().ReplaceLineEndings(string.Empty).Replace(" ", string.Empty, StringComparison.Ordinal).ShouldBe("[1,5]");

        TinyChatModel.Write(folder["greedy"], generation: """{"do_sample":false}""");
        ToGguf(folder["greedy"], "greedy.gguf", null);
        ToFolder("greedy.gguf", "greedy-back");
        using Checkpoint greedy = Checkpoint.Open(folder["greedy-back"]);
        GenerationDefaults.Read(greedy).Sampling.Temperature.ShouldBe(0);
    }

    private static string Pebble(string name)
    {
        string? at = AppContext.BaseDirectory;
        while (at is not null && !File.Exists(Path.Combine(at, "Lapidary.slnx")))
        {
            at = Path.GetDirectoryName(at);
        }

        return Path.Combine(at!, "models", name);
    }

    private static string[] Sorted(JsonNode model) =>
        [.. model["merges"]!.AsArray().Select(merge => merge!.ToJsonString()).Order(StringComparer.Ordinal)];

    private static unsafe ReadOnlySpan<byte> Bytes(Tensor tensor) => new(tensor.Data, checked((int)tensor.ByteLength));

    private static float[] Row(Tensor tensor)
    {
        var row = new float[tensor.RowLength];
        tensor.DecodeRow(0, row);
        return row;
    }

    private static void SameIds(string expected, string actual)
    {
        Tokenizer one = Tokenizer.Open(expected);
        Tokenizer other = Tokenizer.Open(actual);
        (other.BosId, other.EosId, other.PadId, other.UnknownId, other.AddsBos).ShouldBe((one.BosId, one.EosId, one.PadId ?? other.PadId, one.UnknownId, one.AddsBos));
        foreach (string text in Texts)
        {
            other.Encode(text).ShouldBe(one.Encode(text), text);
            other.Decode(one.Encode(text)).ShouldBe(one.Decode(one.Encode(text)));
        }
    }

    private string WriteConfig(JsonObject config, Action<JsonObject>? change = null)
    {
        change?.Invoke(config);
        File.WriteAllText(folder["config.json"], config.ToJsonString());
        return folder["config.json"];
    }

    private void Refused(string input, string output, string fragment, ElementType? type = null, bool withTokenizer = true, bool overwrite = false)
    {
        var thrown = Should.Throw<CheckpointException>(() =>
        {
            using Checkpoint source = Checkpoint.Open(folder[input]);
            CheckpointConverter.ToGguf(source, folder[output], type, withTokenizer, overwrite);
        });
        thrown.Message.ShouldContain(fragment);
    }

    private void ToGguf(string input, string output, ElementType? type, bool withTokenizer = true)
    {
        using Checkpoint source = Checkpoint.Open(input);
        CheckpointConverter.ToGguf(source, folder[output], type, withTokenizer);
    }

    private void ToFolder(string input, string output)
    {
        using Checkpoint source = Checkpoint.Open(folder[input]);
        CheckpointConverter.ToHuggingFace(source, folder[output]);
    }
}
