using System.Collections.Immutable;
using System.Text.Json;
using Lapidary.Checkpoints;
using Lapidary.Networks;
using Lapidary.Numerics;
using Lapidary.Tests.Common;
using Lapidary.Workbench.Compression;
using Shouldly;
using Xunit;

namespace Lapidary.Workbench.Tests.Compression;

/// <summary>What pruned models compute, against plain loops in double precision, and what is written of them.</summary>
public sealed class StructuredPlanTests : IDisposable
{
    private static readonly string Source = Fixtures.PathOf("g3-tiny-a");

    private static readonly Lazy<StructuredImportance> Importance = new(() => StructuredModels.Importance(Source, "a"));
    private static readonly Lazy<double[]> Expected = new(() => StructuredModels.Reference(Source));

    private readonly TemporaryFolder folder = new();

    /// <inheritdoc/>
    public void Dispose() => folder.Dispose();

    [Theory]
    // Neurons, query heads, heads of keys and values, channels of 160, 4, 2 and 64.
    [InlineData(100, null, null, null)]
    [InlineData(null, 2, null, null)]
    [InlineData(null, null, 1, null)]
    [InlineData(null, 1, 1, null)]
    [InlineData(null, null, null, 48)]
    [InlineData(96, 2, 1, 40)]
    public void A_narrow_model_is_the_wide_one_with_zeros(int? neurons, int? heads, int? keyValueHeads, int? channels)
    {
        var plan = StructuredPlan.Width(StructuredModels.Config(Source), Importance.Value, new WidthTarget(neurons, heads, keyValueHeads, channels));
        string narrow = StructuredModels.Write(Source, folder["narrow"], plan);
        string masked = StructuredModels.WriteMasked(Source, folder["masked"], name => Dead(plan, name));
        double[] expected = StructuredModels.Reference(masked);

        // In double precision the only difference is the rounding of the norms' scales, and an epsilon of 1e-6 where there are fewer channels.
        StructuredModels.Distance(StructuredModels.Reference(narrow), expected).ShouldBeAtMost(channels is null ? 1e-9 : 1e-4);
        StructuredModels.Distance(Array.ConvertAll(StructuredModels.Logits(narrow), x => (double)x), expected).ShouldBeAtMost(3e-4);
        StructuredModels.Distance(Expected.Value, expected).ShouldBeGreaterThan(0.1);
    }

    [Fact]
    public void What_is_dead_is_chosen_and_its_removal_changes_nothing()
    {
        // In every layer one head of keys and values, 30 neurons, and in all of them 8 channels.
        static bool Channel(int i) => i % 8 == 3;
        string dead = StructuredModels.WriteMasked(Source, folder["dead"], name =>
            name == TensorNames.Embedding ? (_, column) => Channel(column)
            : name.EndsWith("o_proj.weight", StringComparison.Ordinal) || name.EndsWith("down_proj.weight", StringComparison.Ordinal) ? (row, _) => Channel(row)
            : name.EndsWith("v_proj.weight", StringComparison.Ordinal) ? (row, _) => row / 32 == 1
            : name.EndsWith("up_proj.weight", StringComparison.Ordinal) ? (row, _) => row >= 50 && row < 80
            : null);
        StructuredImportance importance = StructuredModels.Importance(dead, "a");
        var plan = StructuredPlan.Width(StructuredModels.Config(dead), importance, new WidthTarget(130, null, 1, 56));
        plan.Channels.ShouldBe(Enumerable.Range(0, 64).Where(i => !Channel(i)));
        foreach (int layer in plan.Layers)
        {
            plan.KeyValueHeads[layer].ShouldBe([0]);
            plan.Heads[layer].ShouldBe([0, 1]);
            plan.Neurons[layer].ShouldBe(Enumerable.Range(0, 160).Where(i => i is < 50 or >= 80));
        }

        var shares = new KeptShares(plan, importance);
        shares.Neurons.Concat(shares.Heads).Append(shares.Channels!.Value).ShouldAllBe(share => share == 1);
        string pruned = StructuredModels.Write(dead, folder["pruned"], plan);
        StructuredModels.Distance(StructuredModels.Reference(pruned), StructuredModels.Reference(dead)).ShouldBeAtMost(1e-5);
        Closeness.LargestDifference(StructuredModels.Logits(pruned), StructuredModels.Logits(dead)).ShouldBeAtMost(2e-4);
        using Checkpoint checkpoint = Checkpoint.Open(pruned);
        Gemma3Config.From(checkpoint).Validate(checkpoint);
        checkpoint.Tensors.Values.Sum(tensor => tensor.Length).ShouldBe(plan.Config.ParameterCount);
    }

    [Fact]
    public void A_shallow_model_is_the_deep_one_with_layers_left_out()
    {
        string path = Fixtures.PathOf("g3-tiny-b");
        Gemma3Config config = StructuredModels.Config(path);
        var plan = StructuredPlan.Depth(config, [0, 1, 3, 5, 8, 9, 11]);
        string shallow = StructuredModels.Write(path, folder["shallow"], plan);
        Gemma3Config written = StructuredModels.Config(shallow);
        written.ShouldBe(plan.Config);
        string.Concat(written.Layers.Select(layer => layer.Window is null ? 'G' : 'L')).ShouldBe("LLLGLLG");
        written.Layers.Where(layer => layer.Window is null).ShouldAllBe(layer => layer.RopeScale == 8 && layer.RopeBase == 1e6);
        float[] logits = StructuredModels.Logits(shallow);

        // The same steps on the same numbers.
        logits.ShouldBe(StructuredModels.Logits(path, 2, 4, 6, 7, 10));
        StructuredModels.Distance(StructuredModels.Reference(shallow), Array.ConvertAll(logits, x => (double)x)).ShouldBeAtMost(3e-4);

        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(shallow, "config.json")));
        json.RootElement.GetProperty("layer_types").EnumerateArray().Select(type => type.GetString()![0]).ShouldBe("sssfssf");
        json.RootElement.TryGetProperty("sliding_window_pattern", out _).ShouldBeFalse();
        json.RootElement.GetProperty("num_hidden_layers").GetInt32().ShouldBe(7);
        json.RootElement.GetProperty("rope_scaling").GetProperty("factor").GetDouble().ShouldBe(8);
        json.RootElement.GetProperty("torch_dtype").GetString().ShouldBe("float32");

        // GGUF says which layers slide.
        string gguf = folder["shallow.gguf"];
        using (Checkpoint source = Checkpoint.Open(shallow))
        {
            CheckpointConverter.ToGguf(source, gguf, withTokenizer: false, cancellationToken: TestContext.Current.CancellationToken);
        }

        StructuredModels.Config(gguf).Layers.ShouldBe(written.Layers);

        // A file of plain floats is pruned as a folder is: its norms are 1 + w.
        string again = StructuredModels.Write(gguf, folder["again"], StructuredPlan.Depth(written, [0, 3]));
        string direct = StructuredModels.Write(path, folder["direct"], StructuredPlan.Depth(config, [0, 5]));
        Closeness.LargestDifference(StructuredModels.Logits(again), StructuredModels.Logits(direct)).ShouldBeAtMost(2e-4);
    }

    [Fact]
    public void What_stays_keeps_its_bytes()
    {
        string path = Fixtures.PathOf("g3-tiny-a-bf16");
        var plan = StructuredPlan.Width(StructuredModels.Config(path), Importance.Value, new WidthTarget(70));
        string pruned = StructuredModels.Write(path, folder["pruned"], plan);
        using Checkpoint before = Checkpoint.Open(path), after = Checkpoint.Open(pruned);
        after.Tensors.Values.ShouldAllBe(tensor => tensor.Type == StoredType.Of(ElementType.BF16));
        const string Down = "model.layers.3.mlp.down_proj.weight", Up = "model.layers.3.mlp.up_proj.weight", Norm = "model.layers.3.input_layernorm.weight";
        Row(after, Norm, 0).ShouldBe(Row(before, Norm, 0));
        for (int i = 0; i < 70; i++)
        {
            Row(after, Up, i).ShouldBe(Row(before, Up, plan.Neurons[3][i]));
        }

        Row(after, Down, 9).ShouldBe(plan.Neurons[3].Select(column => Row(before, Down, 9)[column]));

        static float[] Row(Checkpoint checkpoint, string name, int row)
        {
            Tensor tensor = checkpoint.GetTensor(name);
            var values = new float[tensor.RowLength];
            tensor.DecodeRow(row, values);
            return values;
        }
    }

    [Fact]
    public void The_best_scores_stay_and_of_equal_ones_the_first()
    {
        StructuredPlan.BestLayers([3, 1, 2, 1, 5], 4).ShouldBe([0, 1, 2, 4]);
        StructuredPlan.BestLayers([0, 0, 0], 2).ShouldBe([0, 1]);
        Should.Throw<ArgumentOutOfRangeException>(() => StructuredPlan.BestLayers([1, 2], 3));
        Should.Throw<ArgumentOutOfRangeException>(() => StructuredPlan.BestLayers([1, 2], 0));
    }

    [Fact]
    public void Wrong_requests_are_refused()
    {
        Gemma3Config config = StructuredModels.Config(Source);
        foreach ((WidthTarget target, string expected) in new[]
        {
            (new WidthTarget(161), "161 neurons cannot stay of 160"),
            (new WidthTarget(0), "0 neurons cannot stay"),
            (new WidthTarget(null, 3), "3 heads are not 1 to 2 for each of 2"),
            (new WidthTarget(null, 4, 1), "4 heads are not 1 to 2 for each of 1"),
            (new WidthTarget(null, null, 3), "3 heads of keys and values cannot stay of 2"),
            (new WidthTarget(null, null, null, 65), "65 channels cannot stay of 64"),
        })
        {
            Should.Throw<ArgumentException>(() => StructuredPlan.Width(config, Importance.Value, target)).Message.ShouldContain(expected);
        }

        Should.Throw<ArgumentException>(() => StructuredPlan.Width(config, StructuredModels.Importance(Fixtures.PathOf("g3-tiny-b"), "b"), new WidthTarget(9)))
            .Message.ShouldContain("another network");
        Should.Throw<ArgumentException>(() => StructuredPlan.Depth(config, [1, 0])).Message.ShouldContain("do not ascend");
        Should.Throw<ArgumentException>(() => StructuredPlan.Depth(config, [])).Message.ShouldContain("none of a network of 7");
        Should.Throw<ArgumentException>(() => StructuredPlan.Depth(config, [0, 7])).Message.ShouldContain("none of a network of 7");
    }

    [Fact]
    public void Broken_weights_and_wrong_slices_are_refused_and_nothing_stays()
    {
        string nan = StructuredModels.WriteMasked(Source, folder["nan"], _ => null);
        byte[] weights = File.ReadAllBytes(Path.Combine(nan, "model.safetensors"));
        BitConverter.GetBytes(float.NaN).CopyTo(weights, weights.Length - 400);
        File.WriteAllBytes(Path.Combine(nan, "model.safetensors"), weights);
        Gemma3Config config = StructuredModels.Config(nan);
        var plan = StructuredPlan.Depth(config, [0, 6]);
        Should.Throw<CheckpointException>(() => StructuredModels.Write(nan, folder["out"], plan)).Message.ShouldContain("holds a value that is not finite");
        using Checkpoint source = Checkpoint.Open(Source);
        ImmutableArray<TensorSlice> slices = [.. plan.Slices()];
        Refused(plan.Config, slices.RemoveAt(3), "have no model.layers.0");
        Refused(plan.Config, slices.Add(slices[0] with { Target = "more.weight" }), "slices for");
        Refused(config, slices, "have no model.layers.2");
        Refused(plan.Config, slices.SetItem(2, slices[2] with { Columns = [64] }), "no such slice along a dimension of 64");
        Refused(plan.Config, slices.SetItem(1, slices[1] with { Rows = [0] }), "no such slice");
        Directory.Exists(folder["out"]).ShouldBeFalse();

        void Refused(Gemma3Config expected, IReadOnlyList<TensorSlice> wrong, string fragment)
        {
            using var output = new OutputFolder(folder["out"], overwrite: false);
            Should.Throw<ArgumentException>(() => CheckpointConverter.WriteSlices(source, output, expected, wrong)).Message.ShouldContain(fragment);
        }
    }

    // What the plan takes away, as zeros in the larger model: a neuron and a head in what reads them, a channel in what writes it.
    private static Func<int, int, bool>? Dead(StructuredPlan plan, string name)
    {
        bool Channel(int i) => !plan.Channels.IsEmpty && !plan.Channels.Contains(i);
        if (name == TensorNames.Embedding)
        {
            return (_, column) => Channel(column);
        }

        string[] parts = name.Split('.');
        return parts[^2] switch
        {
            "down_proj" => (row, column) => Channel(row) || (!plan.Neurons.IsEmpty && !plan.Neurons[int.Parse(parts[2])].Contains(column)),
            "o_proj" => (row, column) => Channel(row) || (!plan.Heads.IsEmpty && !plan.Heads[int.Parse(parts[2])].Contains(column / 32)),
            _ => null,
        };
    }
}
