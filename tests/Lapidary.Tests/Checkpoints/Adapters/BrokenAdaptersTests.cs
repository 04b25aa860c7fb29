using System.Text;
using Lapidary.Checkpoints;
using Lapidary.Checkpoints.Adapters;
using Lapidary.Inference;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Tests.Checkpoints.Adapters;

/// <summary>Adapters that must be refused, and mutated ones.</summary>
public class BrokenAdaptersTests
{
    private static readonly Dictionary<string, BrokenFile> ByName = BrokenAdapters.All.ToDictionary(file => file.Name);

    public static TheoryData<string> Names => [.. ByName.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_broken_adapter_is_refused_with_one_sentence(string name)
    {
        BrokenFile broken = ByName[name];
        using var folder = new TemporaryFolder();
        string model = TinyModel.WriteFolder(folder["model"]);
        Directory.CreateDirectory(folder["adapter"]);
        string adapter = broken.Make(folder["adapter"]);

        var thrown = Should.Throw<CheckpointException>(
            () => LanguageModel.Open(model, new InferenceOptions { Threads = 1, Adapters = [new AdapterReference(adapter)] }));

        thrown.Message.ShouldContain(broken.Fragment);
        thrown.Message.ShouldStartWith(folder["adapter"]);
        thrown.Message.ShouldNotContain("\n");
    }

    [Fact]
    public void The_adapters_that_the_broken_ones_are_made_from_are_sound()
    {
        using var folder = new TemporaryFolder();
        string model = TinyModel.WriteFolder(folder["model"]);
        string lora = BrokenAdapters.Write(folder["lora"], BrokenAdapters.Config(), BrokenAdapters.Tensors());
        string prompt = BrokenAdapters.Write(
            folder["prompt"], BrokenAdapters.Prompt(), [BrokenAdapters.Entry("prompt_embeddings", 3, 8)]);
        using (LanguageModel opened = LanguageModel.Open(
            model, new InferenceOptions { Threads = 1, Adapters = [new AdapterReference(lora), new AdapterReference(prompt)] }))
        {
            opened.ContextLength.ShouldBe(61);
        }

        string Refusal(params AdapterReference[] adapters) => Should.Throw<CheckpointException>(
            () => LanguageModel.Open(model, new InferenceOptions { Threads = 1, Adapters = adapters })).Message;
        Refusal(new AdapterReference(prompt, 0.5f)).ShouldContain("whose scale can only be 1; 0.5 was asked for");
        Refusal(new AdapterReference(prompt), new AdapterReference(prompt)).ShouldContain("is a second tuned prompt");
        string large = BrokenAdapters.Write(
            folder["large"],
            new() { ["peft_type"] = "PROMPT_TUNING", ["num_virtual_tokens"] = 64, ["token_dim"] = 8 },
            [BrokenAdapters.Entry("prompt_embeddings", 64, 8)]);
        Refusal(new AdapterReference(large)).ShouldContain("has a context of 64 tokens, too few for 64 virtual tokens and a text");
    }

    [Fact]
    public void Mutated_configurations_are_read_or_refused()
    {
        byte[][] seeds =
        [
            Encoding.UTF8.GetBytes(BrokenAdapters.Config().ToJsonString()),
            """{"peft_type":"LORA","r":8,"lora_alpha":16.0,"target_modules":".*\\.(q|v)_proj","rank_pattern":{"^model\\.layers\\.0":4},"alpha_pattern":{"v_proj":2},"layers_to_transform":[0,1],"layers_pattern":"layers","use_dora":true,"use_rslora":true,"init_lora_weights":"gaussian","exclude_modules":["k_proj"]}"""u8.ToArray(),
            new LoraConfig { TargetModules = [LoraConfig.AllLinear] }.ToJson().ToJsonString() is { } json ? Encoding.UTF8.GetBytes(json) : [],
        ];
        FuzzTests.Fuzz(seeds, bytes =>
        {
            LoraConfig config = LoraConfig.Parse(JsonFile.ParseObject(bytes, "file"), "file");
            double.IsFinite(config.ScaleOf("model.layers.0.self_attn.q_proj")).ShouldBeTrue();
            config.IsTarget("model.layers.3.mlp.down_proj");
            LoraConfig again = LoraConfig.Parse(JsonFile.ParseObject(Encoding.UTF8.GetBytes(config.ToJson().ToJsonString()), "file"), "file");
            again.Rank.ShouldBe(config.Rank);
        });
        FuzzTests.Fuzz(
            [Encoding.UTF8.GetBytes(BrokenAdapters.Prompt().ToJsonString())],
            bytes => PromptTuningConfig.Parse(JsonFile.ParseObject(bytes, "file"), "file").VirtualTokens.ShouldBePositive());
    }

    [Fact]
    public void Mutated_tensors_are_read_or_refused()
    {
        using var folder = new TemporaryFolder();
        BrokenAdapters.Write(folder.Path, BrokenAdapters.Config(), BrokenAdapters.Tensors());
        string path = folder[PeftAdapter.WeightsFile];
        FuzzTests.Fuzz([File.ReadAllBytes(path)], bytes =>
        {
            File.WriteAllBytes(path, bytes);
            using PeftAdapter adapter = PeftAdapter.Open(folder.Path);
            adapter.Pairs.Values.ShouldAllBe(pair => pair.Rank == 2);
        });
    }
}
