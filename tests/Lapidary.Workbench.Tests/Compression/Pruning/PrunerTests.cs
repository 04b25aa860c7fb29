using System.Text.Json;
using Lapidary.Checkpoints;
using Lapidary.Inference;
using Lapidary.Networks;
using Lapidary.Numerics;
using Lapidary.Tests.Common;
using Lapidary.Workbench.Compression;
using Shouldly;
using Xunit;

namespace Lapidary.Workbench.Tests.Compression.Pruning;

/// <summary>Unstructured pruning against an independent implementation in double precision, layer by layer and from end to end.</summary>
public sealed class PrunerTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public static TheoryData<string, string> Calibrated => new()
    {
        { "a", "wanda_50" }, { "a", "wanda_2_4" }, { "a", "owl_wanda_50" }, { "a", "sparsegpt_50" },
        { "b", "wanda_50" }, { "b", "wanda_2_4" }, { "b", "owl_wanda_50" }, { "b", "sparsegpt_50" },
    };

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Calibrated))]
    public void Each_layer_is_pruned_as_in_the_fixture_behind_the_layers_of_the_fixture(string letter, string run)
    {
        var fixture = new PruningFixture(letter);
        (int bit, PruningOptions options) = PruningFixture.Runs[run];
        using SafetensorsFile masks = fixture.File("masks.safetensors"), stored = fixture.File("sparsegpt.safetensors");
        using LanguageModel model = fixture.Open();
        IReadOnlyList<SelectedMatrix> matrices = SelectedMatrices.Find(model.Checkpoint, options);
        Dictionary<int, double>? owl = options.Owl is null ? null : OwlAllocation.Sparsities(
            string.Empty, matrices, ImportanceCollector.Observe(model, fixture.Calibration(), null, TestContext.Current.CancellationToken), options, TestContext.Current.CancellationToken);
        using var runner = new LayerRunner(model, Sequences(fixture));
        var pruner = new LayerPruner(runner, model.Config, options, layer => owl?[layer] ?? 0.5);
        for (int layer = 0; layer < model.Config.LayerCount; layer++)
        {
            Dictionary<string, Tensor> pruned = pruner.Prune(layer, [.. matrices.Where(matrix => matrix.Layer == layer)], TestContext.Current.CancellationToken);
            pruned.Count.ShouldBe(7);
            foreach ((string name, Tensor matrix) in pruned)
            {
                Span<float> weights = matrix.AsFloats();
                byte[] mask = PruningFixture.Read<byte>(masks, name);
                PruningFixture.CompareMask(weights.ToArray(), mask, bit, name);
                if (run == "sparsegpt_50" && stored.Tensors.ContainsKey(name))
                {
                    float[] expected = PruningFixture.Decode(stored.GetTensor(name));
                    Closeness.LargestDifference(weights, expected).ShouldBeAtMost(1e-4, name);
                    expected.CopyTo(weights);
                }
            }

            runner.Advance(layer, name => pruned.GetValueOrDefault(name), TestContext.Current.CancellationToken);
            pruned.Values.ToList().ForEach(tensor => tensor.Dispose());
        }
    }

    [Theory]
    [MemberData(nameof(Calibrated))]
    public void A_calibrated_checkpoint_has_the_masks_logits_and_cross_entropy_of_the_fixture(string letter, string run)
    {
        var fixture = new PruningFixture(letter);
        using (LanguageModel model = fixture.Open())
        {
            PruningReport report = Pruner.Prune(
                model, fixture.Calibration(), PruningFixture.Runs[run].Options, folder["out"], cancellationToken: TestContext.Current.CancellationToken);
            JsonElement results = fixture.Json("results.json");
            (report.Linears.Total - report.Linears.Zeros).ShouldBe(results.GetProperty("kept").GetProperty(run).GetInt64());
            report.Linears.Total.ShouldBe(results.GetProperty("total_linear_weights").GetInt64());
            report.Model.Total.ShouldBe(results.GetProperty("total_model_weights").GetInt64());
        }

        fixture.Compare(folder["out"], run, keepsWeights: run != "sparsegpt_50");
    }

    [Theory]
    [InlineData("a")]
    [InlineData("b")]
    public void Magnitude_needs_no_text(string letter)
    {
        var fixture = new PruningFixture(letter);
        using Checkpoint source = Checkpoint.Open(fixture.ModelPath);
        foreach ((string run, PruningOptions options) in new[]
        {
            ("magnitude_2_4", PruningFixture.Runs["magnitude_2_4"].Options), ("magnitude_50", new PruningOptions(PruningMethod.Magnitude)),
        })
        {
            PruningReport report = Pruner.Prune(source, options, folder[run], cancellationToken: TestContext.Current.CancellationToken);
            (report.Linears.Total - report.Linears.Zeros).ShouldBe(fixture.Json("results.json").GetProperty("kept").GetProperty(run).GetInt64());
            fixture.Compare(folder[run], run, keepsWeights: true);
        }
    }

    [Theory]
    [InlineData(PruningScope.Tensor, 1, "per_tensor_50")]
    [InlineData(PruningScope.Global, 2, "global_50")]
    public void Magnitude_has_the_masks_and_logits_of_torch(PruningScope scope, int bit, string run)
    {
        var fixture = new PruningFixture("a");
        string path = Fixtures.PathOf("prune-g3-tiny-a");
        using (Checkpoint source = Checkpoint.Open(fixture.ModelPath))
        {
            Pruner.Prune(source, new PruningOptions(PruningMethod.Magnitude) { Scope = scope }, folder["out"], cancellationToken: TestContext.Current.CancellationToken);
        }

        using LanguageModel pruned = LanguageModel.Open(folder["out"], new InferenceOptions { Threads = 2 });
        using SafetensorsFile masks = SafetensorsFile.Open(Path.Combine(path, "masks.safetensors")), logits = SafetensorsFile.Open(Path.Combine(path, "logits.safetensors"));
        masks.Tensors.Count.ShouldBe(49);
        foreach (string name in masks.Tensors.Keys)
        {
            PruningFixture.CompareMask(PruningFixture.Decode(pruned.Checkpoint.GetTensor(name)), PruningFixture.Read<byte>(masks, name), bit, name);
        }

        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(fixture.ModelPath, "expected", "input.json")));
        int[] tokens = [.. json.RootElement.GetProperty("input_ids").EnumerateArray().Select(id => id.GetInt32())];
        PruningFixture.CompareLogits(pruned, tokens, PruningFixture.Decode(logits.GetTensor("logits." + run)), 3e-4, run);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("b")]
    public void Smaller_blocks_give_the_weights_of_the_fixture(string letter)
    {
        var fixture = new PruningFixture(letter);
        using SafetensorsFile expected = fixture.File("sparsegpt_block32_layer0.safetensors");
        using LanguageModel model = fixture.Open();
        var options = new PruningOptions(PruningMethod.SparseGpt) { BlockSize = 32 };
        using var runner = new LayerRunner(model, Sequences(fixture));
        var pruner = new LayerPruner(runner, model.Config, options, _ => 0.5);
        Dictionary<string, Tensor> pruned = pruner.Prune(
            0, [.. SelectedMatrices.Find(model.Checkpoint, options).Where(matrix => matrix.Layer == 0)], TestContext.Current.CancellationToken);
        expected.Tensors.Count.ShouldBe(3);
        foreach (string name in expected.Tensors.Keys)
        {
            Closeness.LargestDifference(pruned[name].AsFloats(), PruningFixture.Decode(expected.GetTensor(name))).ShouldBeAtMost(1e-4, name);
        }

        pruned.Values.ToList().ForEach(tensor => tensor.Dispose());
    }

    [Theory]
    [InlineData("a")]
    [InlineData("b")]
    public void Outlier_ratios_and_sparsities_are_those_of_the_fixture(string letter)
    {
        var fixture = new PruningFixture(letter);
        using LanguageModel model = fixture.Open();
        InputSquares squares = ImportanceCollector.Observe(model, fixture.Calibration(), null, TestContext.Current.CancellationToken);
        IReadOnlyList<SelectedMatrix> matrices = SelectedMatrices.Find(model.Checkpoint, new PruningOptions(PruningMethod.Wanda));
        foreach (JsonElement owl in fixture.Json("results.json").GetProperty("owl").EnumerateArray())
        {
            var settings = new OwlSettings(owl.GetProperty("M").GetDouble(), owl.GetProperty("lambda").GetDouble());
            var options = new PruningOptions(PruningMethod.Wanda) { Owl = settings, Sparsity = owl.GetProperty("target").GetDouble() };
            Dictionary<int, double> sparsities = OwlAllocation.Sparsities(string.Empty, matrices, squares, options, TestContext.Current.CancellationToken);
            for (int layer = 0; layer < model.Config.LayerCount; layer++)
            {
                List<SelectedMatrix> members = [.. matrices.Where(matrix => matrix.Layer == layer)];
                double ratio = OwlAllocation.OutlierRatio(members, squares, settings.Multiple, TestContext.Current.CancellationToken);
                double entries = members.Sum(matrix => matrix.Info.Length);
                Math.Abs((ratio - owl.GetProperty("outlier_ratio")[layer].GetDouble()) * entries).ShouldBeAtMost(2.001);
                Math.Abs(sparsities[layer] - owl.GetProperty("sparsity")[layer].GetDouble()).ShouldBeAtMost(3e-3);
            }

            (sparsities.Values.Sum() / sparsities.Count).ShouldBe(options.Sparsity, 1e-12);
        }
    }

    private static List<int[]> Sequences(PruningFixture fixture) =>
        [.. Enumerable.Range(0, fixture.Calibration().Count).Select(fixture.Calibration().Sequence)];
}
