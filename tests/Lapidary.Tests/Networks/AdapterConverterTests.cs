using System.Text.Json;
using Lapidary.Checkpoints;
using Lapidary.Checkpoints.Adapters;
using Lapidary.Inference;
using Lapidary.Networks;
using Lapidary.Numerics;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Tests.Networks;

/// <summary>Adapters in weights, and as GGUF.</summary>
public class AdapterConverterTests
{
    private static readonly string Base = Fixtures.PathOf("g3-tiny-a");
    private static readonly string Training = Fixtures.PathOf("train-g3-tiny-a");
    private static readonly string Lora = Path.Combine(Training, "lora_adapter");

    [Fact]
    public void The_merged_fixture_gives_the_logits_that_it_gives_unmerged()
    {
        using var folder = new TemporaryFolder();
        using (Checkpoint model = Checkpoint.Open(Base))
        {
            AdapterConverter.Merge(model, [new AdapterReference(Lora)], folder["merged"], cancellationToken: TestContext.Current.CancellationToken);
        }

        int[] tokens = [.. JsonDocument.Parse(File.ReadAllText(Path.Combine(Training, "batch.json"))).RootElement
            .GetProperty("input_ids")[0].EnumerateArray().Select(id => id.GetInt32())];
        using LanguageModel merged = LanguageModel.Open(folder["merged"], new InferenceOptions { Threads = 2 });
        using InferenceSession session = merged.CreateSession(tokens.Length);
        var logits = new List<float>();
        session.ProcessAll(tokens, (_, _, values) => logits.AddRange(values));
        using SafetensorsFile expected = SafetensorsFile.Open(Path.Combine(Training, "lora_logits_row0.safetensors"));

        Closeness.LargestDifference(logits.ToArray(), expected.GetTensor("logits").AsFloats()).ShouldBeAtMost(2e-4);
    }

    [Theory]
    [InlineData(false, false, 1)]
    [InlineData(true, false, 1)]
    [InlineData(false, true, 0.5)]
    [InlineData(true, true, -1)]
    public void Merged_weights_are_those_of_plain_arithmetic(bool dora, bool rsLora, float scale)
    {
        using var folder = new TemporaryFolder();
        var config = new LoraConfig { Rank = 4, Alpha = 8, UseDora = dora, UseRsLora = rsLora, TargetModules = ["q_proj", "o_proj", "up_proj"] };
        string lora = RandomAdapter.Write(folder["lora"], Base, config, seed: 2);
        using Checkpoint model = Checkpoint.Open(Base);
        AdapterConverter.Merge(model, [new AdapterReference(lora, scale), new AdapterReference(Lora)], folder["merged"], cancellationToken: TestContext.Current.CancellationToken);
        using PeftAdapter adapter = PeftAdapter.Open(lora);
        using PeftAdapter other = PeftAdapter.Open(Lora);
        using Checkpoint merged = Checkpoint.Open(folder["merged"]);

        merged.Tensors.Keys.ShouldBe(model.Tensors.Keys);
        foreach (string name in model.Tensors.Keys)
        {
            merged.Tensors[name].Type.ShouldBe(model.Tensors[name].Type);
            float[] expected = DenseUpdate.Merge(model, name, (adapter, scale), (other, 1));
            Closeness.LargestDifference(merged.GetTensor(name).AsFloats(), expected).ShouldBeAtMost(1e-5, name);
        }
    }

    [Fact]
    public void A_merge_keeps_the_type_and_the_files_of_the_base()
    {
        using var folder = new TemporaryFolder();
        string model = folder["base"];
        RandomCheckpoint.Write(
            Gemma3Presets.Get("tiny"), model, 1, ElementType.BF16, cancellationToken: TestContext.Current.CancellationToken);
        File.WriteAllText(Path.Combine(model, "chat_template.jinja"), "{{ messages }}");
        string lora = RandomAdapter.Write(folder["lora"], model, new LoraConfig(), seed: 1);
        using Checkpoint before = Checkpoint.Open(model);
        AdapterConverter.Merge(before, [new AdapterReference(lora)], folder["same"], cancellationToken: TestContext.Current.CancellationToken);
        AdapterConverter.Merge(before, [new AdapterReference(lora)], folder["f32"], ElementType.F32, cancellationToken: TestContext.Current.CancellationToken);
        using Checkpoint same = Checkpoint.Open(folder["same"]);
        using Checkpoint wide = Checkpoint.Open(folder["f32"]);

        same.Tensors.Values.ShouldAllBe(tensor => tensor.Type.Name == "BF16");
        wide.Tensors.Values.ShouldAllBe(tensor => tensor.Type.Name == "F32");
        foreach (string file in (string[])["config.json", "generation_config.json", "chat_template.jinja"])
        {
            File.ReadAllBytes(Path.Combine(folder["same"], file)).ShouldBe(File.ReadAllBytes(Path.Combine(model, file)));
        }

        Gemma3Config.From(wide).ShouldBe(Gemma3Config.From(before));
    }

    [Fact]
    public void What_cannot_be_merged_is_refused_and_leaves_nothing()
    {
        using var folder = new TemporaryFolder();
        using Checkpoint model = Checkpoint.Open(Base);
        string Refusal(string adapter, ElementType? type = null) => Should.Throw<CheckpointException>(
            () => AdapterConverter.Merge(model, [new AdapterReference(adapter)], folder["out"], type, cancellationToken: TestContext.Current.CancellationToken)).Message;

        Refusal(Path.Combine(Training, "prompt_adapter")).ShouldContain("is a tuned prompt, which cannot be merged into weights");
        Refusal(Large(folder["large"], 1e20f)).ShouldContain("layers.0.self_attn.q_proj.weight holds a value that is not finite after the change");
        Refusal(Large(folder["half"], 1e3f), ElementType.F16).ShouldContain("which is too large for F16 after the change");
        string dora = RandomAdapter.Write(folder["dora"], Base, new LoraConfig { UseDora = true }, seed: 1);
        Refusal(Large(folder["dora-large"], 1e30f, 1e-30f)).ShouldContain("a value that is not finite");
        Directory.Exists(folder["out"]).ShouldBeFalse();
        AdapterConverter.Merge(model, [new AdapterReference(dora)], folder["out"], cancellationToken: TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData(ElementType.F32, 0)]
    [InlineData(ElementType.F16, 1e-3)]
    [InlineData(ElementType.BF16, 8e-3)]
    public void An_adapter_in_GGUF_has_the_scales_that_it_has_in_PEFT(ElementType type, double tolerance)
    {
        using var folder = new TemporaryFolder();
        using Checkpoint model = Checkpoint.Open(Base);
        LoraConfig[] configs =
        [
            new() { Rank = 4, Alpha = 8, TargetModules = [LoraConfig.AllLinear] },
            new() { Rank = 9, Alpha = 8, UseRsLora = true },
            new() { Rank = 9, Alpha = 8, RankPattern = new Dictionary<string, int> { ["v_proj"] = 2 }, UseRsLora = true },
            new() { Rank = 4, Alpha = 0 },
        ];
        double[] alphas = [8, 24, 1, 1];
        foreach ((LoraConfig config, double alpha) in configs.Zip(alphas))
        {
            string lora = RandomAdapter.Write(folder[$"{alpha}-{config.Alpha}-{config.RankPattern.Count}"], Base, config, seed: 3);
            using PeftAdapter adapter = PeftAdapter.Open(lora);
            AdapterConverter.ToGguf(adapter, model, folder["lora.gguf"], type);
            using GgufFile file = GgufFile.Open(folder["lora.gguf"]);

            file.Architecture.ShouldBe("gemma3");
            file.Metadata["general.type"].ToText().ShouldBe("adapter");
            file.Metadata["adapter.type"].ToText().ShouldBe("lora");
            file.Metadata["adapter.lora.alpha"].ToDouble().ShouldBe(alpha, 1e-6);
            file.Tensors.Count.ShouldBe(2 * adapter.Pairs.Count);
            foreach (LoraPair pair in adapter.Pairs.Values)
            {
                string name = TensorNames.ToGguf(pair.WeightName)!;
                Tensor a = file.GetTensor(name + ".lora_a");
                Tensor b = file.GetTensor(name + ".lora_b");
                a.Shape.ShouldBe(pair.A.Shape);
                b.Shape.ShouldBe(pair.B.Shape);
                Compare(a, pair.A, 1, tolerance);
                Compare(b, pair.B, pair.Scale / (alpha / pair.Rank), Math.Max(tolerance, 1e-6));
            }
        }
    }

    [Fact]
    public void What_GGUF_cannot_say_is_refused()
    {
        using var folder = new TemporaryFolder();
        using Checkpoint model = Checkpoint.Open(Base);
        string Refusal(string path)
        {
            using PeftAdapter adapter = PeftAdapter.Open(path);
            return Should.Throw<CheckpointException>(() => AdapterConverter.ToGguf(adapter, model, folder["out.gguf"])).Message;
        }

        Refusal(Path.Combine(Training, "prompt_adapter")).ShouldContain("is a tuned prompt, for which GGUF has no form");
        Refusal(RandomAdapter.Write(folder["dora"], Base, new LoraConfig { UseDora = true }, seed: 1)).ShouldContain("it can be merged");
        File.Exists(folder["out.gguf"]).ShouldBeFalse();
    }

    // One pair whose product is everywhere the square of a number (or with the second as the norm's divisor).
    private static string Large(string folder, float value, float? magnitude = null)
    {
        using Tensor a = Tensor.Allocate(ElementType.F32, 1, 64);
        using Tensor b = Tensor.Allocate(ElementType.F32, 128, 1);
        using Tensor m = Tensor.Allocate(ElementType.F32, 128);
        a.AsFloats().Fill(value);
        b.AsFloats().Fill(value);
        m.AsFloats().Fill(magnitude ?? 1);
        var config = new LoraConfig { Rank = 1, Alpha = 1, TargetModules = ["model.layers.0.self_attn.q_proj"], UseDora = magnitude is not null };
        PeftAdapter.Save(folder, config, [new LoraPair("model.layers.0.self_attn.q_proj.weight", a, b, magnitude is null ? null : m, 1)]);
        return folder;
    }

    private static void Compare(Tensor actual, Tensor expected, double factor, double tolerance)
    {
        var row = new float[actual.RowLength];
        for (int i = 0; i < actual.Rows; i++)
        {
            actual.DecodeRow(i, row);
            for (int j = 0; j < row.Length; j++)
            {
                double wanted = expected.AsFloats()[(i * row.Length) + j] * factor;
                Math.Abs(row[j] - wanted).ShouldBeAtMost((tolerance * Math.Abs(wanted)) + (tolerance == 0 ? 0 : 3e-8));
            }
        }
    }
}
