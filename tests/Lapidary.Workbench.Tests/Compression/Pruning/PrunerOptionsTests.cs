using Lapidary.Checkpoints;
using Lapidary.Inference;
using Lapidary.Networks;
using Lapidary.Numerics;
using Lapidary.Tests.Common;
using Lapidary.Workbench.Compression;
using Lapidary.Workbench.Evaluation.Texts;
using Shouldly;
using Xunit;

namespace Lapidary.Workbench.Tests.Compression.Pruning;

/// <summary>Scopes, selections and sources of pruning; what is refused; what changes no bit.</summary>
public sealed class PrunerOptionsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(PruningScope.Tensor, 0.3)]
    [InlineData(PruningScope.Row, 0.37)]
    [InlineData(PruningScope.Layer, 0.6)]
    [InlineData(PruningScope.Global, 0.25)]
    [InlineData(PruningScope.Global, 0)]
    public void A_scope_loses_its_smallest_weights_and_exactly_as_many_as_asked(PruningScope scope, double sparsity)
    {
        // bfloat16 has few numbers, so many weights are equal.
        using Checkpoint source = Checkpoint.Open(Fixtures.PathOf("g3-tiny-b-bf16"));
        var options = new PruningOptions(PruningMethod.Magnitude) { Scope = scope, Sparsity = sparsity };
        Pruner.Prune(source, options, folder["out"], cancellationToken: TestContext.Current.CancellationToken);
        using Checkpoint pruned = Checkpoint.Open(folder["out"]);
        IReadOnlyList<SelectedMatrix> matrices = SelectedMatrices.Find(source, options);
        var weights = matrices.SelectMany(matrix =>
        {
            float[] before = PruningFixture.Decode(matrix.Weights), after = PruningFixture.Decode(pruned.GetTensor(matrix.Info.Name));
            pruned.Tensors[matrix.Info.Name].Type.ShouldBe(matrix.Info.Type);
            return before.Zip(after).Select((pair, i) => (Group: GroupOf(matrix, i, scope), Before: pair.First, After: pair.Second));
        }).ToLookup(weight => weight.Group);
        foreach (var group in weights)
        {
            int count = (int)Math.Round(group.Count() * sparsity, MidpointRounding.ToEven), index = 0;
            foreach (var weight in group.OrderBy(weight => Math.Abs(weight.Before)))
            {
                weight.After.ShouldBe(index++ < count ? 0f : weight.Before, group.Key);
            }
        }
    }

    [Fact]
    public void Only_what_is_selected_changes_and_both_denominators_say_so()
    {
        using Checkpoint source = Checkpoint.Open(Fixtures.PathOf("g3-tiny-a"));
        var options = new PruningOptions(PruningMethod.Magnitude) { Selection = new TensorSelection(["embed_tokens", @"layers\.2\.mlp"], ["up_proj"]) };
        PruningReport report = Pruner.Prune(source, options, folder["out"], cancellationToken: TestContext.Current.CancellationToken);
        string[] selected = ["model.embed_tokens.weight", "model.layers.2.mlp.gate_proj.weight", "model.layers.2.mlp.down_proj.weight"];
        report.Tensors.Where(tensor => tensor.IsSelected).Select(tensor => tensor.Name).ShouldBe(selected);
        report.Tensors.Where(tensor => tensor.Count.Zeros > 0).Select(tensor => tensor.Name).ShouldBe(selected);
        report.Tensors.Count.ShouldBe(source.Tensors.Count);
        report.Selected.Sparsity.ShouldBe(0.5);
        report.Model.Total.ShouldBe(source.Tensors.Values.Sum(tensor => tensor.Length));
        report.Model.Zeros.ShouldBe(report.Selected.Zeros);
        report.Layers[2].Zeros.ShouldBe(160 * 64);
        report.Layers[1].Zeros.ShouldBe(0);

        // What was written says the same of itself, and a picture shows it.
        using Checkpoint pruned = Checkpoint.Open(folder["out"]);
        PruningReport read = PruningReport.Of(pruned, options.Selection, TestContext.Current.CancellationToken);
        read.Tensors.ShouldBe(report.Tensors);
        File.ReadAllText(Path.Combine(folder["out"], PruningFiles.Picture)).ShouldBe(PruningFiles.HeatMap(read).ToSvg());
        File.ReadAllText(Path.Combine(folder["out"], PruningFiles.Table)).ShouldContain("| selected matrices |");
    }

    [Fact]
    public void Threads_and_chunks_of_the_prompt_change_no_bit()
    {
        var fixture = new PruningFixture("b");
        foreach (PruningMethod method in new[] { PruningMethod.Wanda, PruningMethod.SparseGpt })
        {
            byte[]? first = null;
            foreach ((int threads, int chunk) in new[] { (1, 512), (3, 17) })
            {
                string output = folder[$"{method}-{threads}"];
                using LanguageModel model = fixture.Open(threads, chunk);
                Pruner.Prune(
                    model, fixture.Calibration(), new PruningOptions(method) { Sparsity = 0.4 }, output, cancellationToken: TestContext.Current.CancellationToken);
                byte[] weights = File.ReadAllBytes(Path.Combine(output, "model.safetensors"));
                first ??= weights;
                weights.AsSpan().SequenceEqual(first).ShouldBeTrue($"{method}, {threads} threads, chunks of {chunk}");
            }
        }
    }

    [Fact]
    public void A_gguf_file_is_pruned_as_the_folder_is()
    {
        var fixture = new PruningFixture("b");
        using (Checkpoint source = Checkpoint.Open(fixture.ModelPath))
        {
            CheckpointConverter.ToGguf(source, folder["model.gguf"], withTokenizer: false, cancellationToken: TestContext.Current.CancellationToken);
        }

        using LanguageModel model = LanguageModel.Open(folder["model.gguf"], new InferenceOptions { Threads = 2 });
        Pruner.Prune(
            model, fixture.Calibration(), PruningFixture.Runs["wanda_50"].Options, folder["out"], cancellationToken: TestContext.Current.CancellationToken);
        fixture.Compare(folder["out"], "wanda_50", keepsWeights: true);

        // Norms are said as w, which are all 0 in this file that holds 1 + w.
        File.WriteAllBytes(folder["zeros.gguf"], TinyModel.Gguf().Build());
        using Checkpoint zeros = Checkpoint.Open(folder["zeros.gguf"]);
        PruningReport.Of(zeros, cancellationToken: TestContext.Current.CancellationToken).Model.Sparsity.ShouldBe(1);
    }

    [Fact]
    public void Layers_without_a_selected_matrix_are_passed_through()
    {
        var fixture = new PruningFixture("b");
        var selection = new TensorSelection([@"layers\.[24]\.mlp"], []);
        using LanguageModel model = fixture.Open();
        PruningReport report = Pruner.Prune(
            model,
            fixture.Calibration(),
            new PruningOptions(PruningMethod.SparseGpt) { Selection = selection },
            folder["out"],
            cancellationToken: TestContext.Current.CancellationToken);
        report.Layers.Where(layer => layer.Value.Zeros > 0).Select(layer => layer.Key).ShouldBe([2, 4]);
        report.Selected.Sparsity.ShouldBe(0.5);
    }

    [Fact]
    public void What_cannot_be_pruned_is_refused_by_name_and_leaves_nothing()
    {
        using Checkpoint source = Checkpoint.Open(Fixtures.PathOf("g3-tiny-a"));
        var magnitude = new PruningOptions(PruningMethod.Magnitude);
        Refuse<CheckpointException>(source, magnitude with { Selection = new TensorSelection(["conv"], []) }, "has no matrix whose name matches conv");
        Refuse<CheckpointException>(source, magnitude with { Selection = new TensorSelection([], ["proj"]) }, "has no matrix that is to be pruned");
        Refuse<CheckpointException>(
            source, magnitude with { Pattern = new SparsityPattern(3, 7) }, "weights, which are no whole groups of 7");
        Refuse<ArgumentException>(source, magnitude with { Sparsity = 1 }, "A sparsity of 1 is not at least 0 and below 1.");
        Refuse<ArgumentException>(source, magnitude with { Sparsity = double.NaN }, "is not at least 0 and below 1.");
        Refuse<ArgumentException>(source, magnitude with { Pattern = new SparsityPattern(4, 4) }, "A pattern of 4:4 is none.");
        Refuse<ArgumentException>(source, magnitude with { Owl = OwlSettings.Usual }, "needs a calibration text");
        Refuse<ArgumentException>(source, new PruningOptions(PruningMethod.Wanda), "needs a calibration text");
        using Checkpoint quantized = Checkpoint.Open(Path.Combine(Fixtures.PathOf("gguf"), "narrow-Q8_0.gguf"));
        Refuse<CheckpointException>(quantized, magnitude, "is Q8_0 where F32, F16 or BF16 was expected");

        var fixture = new PruningFixture("a");
        using LanguageModel model = fixture.Open();
        RefuseCalibrated(model, new PruningOptions(PruningMethod.Wanda) { Selection = new TensorSelection(["embed"], []) }, "only magnitude prunes it");
        RefuseCalibrated(model, new PruningOptions(PruningMethod.Wanda) { Sparsity = 0.97, Owl = new OwlSettings(3, 0.2) }, "would get a sparsity of 1.");
        Should.Throw<CheckpointException>(() => Pruner.Prune(source, magnitude, Path.Combine(source.Path, "pruned"))).Message.ShouldContain("lies in the checkpoint");
        Should.Throw<OperationCanceledException>(() => Pruner.Prune(
            model, fixture.Calibration(), new PruningOptions(PruningMethod.SparseGpt), folder["out"], cancellationToken: new CancellationToken(true)));
        Directory.Exists(folder["out"]).ShouldBeFalse();
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void A_weight_that_is_no_number_is_named(float value)
    {
        string broken = TinyModel.WriteFolder(folder["broken"], tensors: entries =>
            BitConverter.TryWriteBytes(entries.Single(entry => entry.Name == "model.layers.1.mlp.up_proj.weight").Data.AsSpan(40), value));
        using Checkpoint source = Checkpoint.Open(broken);
        foreach (PruningScope scope in Enum.GetValues<PruningScope>())
        {
            Refuse<CheckpointException>(
                source, new PruningOptions(PruningMethod.Magnitude) { Scope = scope }, "tensor model.layers.1.mlp.up_proj.weight holds a value that is not finite");
        }

        using LanguageModel model = LanguageModel.Open(broken, new InferenceOptions { Threads = 1 });
        var text = new TextChunks(new int[] { 2, 3, 4, 5 }, 4, null);
        Should.Throw<NonFiniteException>(() => Pruner.Prune(
            model, text, new PruningOptions(PruningMethod.Wanda), folder["out"], cancellationToken: TestContext.Current.CancellationToken))
            .Message.ShouldContain("model.layers.1.mlp.up_proj.weight");
        Directory.Exists(folder["out"]).ShouldBeFalse();
    }

    [Fact]
    public void A_layer_that_the_model_does_not_have_is_refused_and_takes_no_memory()
    {
        const string Stranger = "model.layers.2147483646.mlp.up_proj.weight";
        string broken = TinyModel.WriteFolder(folder["broken"], tensors: entries => entries.Add(new SafetensorsEntry(Stranger, "F32", [12, 8], new byte[12 * 8 * 4])));
        using (Checkpoint source = Checkpoint.Open(broken))
        {
            PruningReport report = PruningReport.Of(source, cancellationToken: TestContext.Current.CancellationToken);
            report.Layers.Keys.ShouldBe([0, 1, 2147483646]);
            PruningFiles.HeatMap(report).Rows.Count.ShouldBe(3);
        }

        using LanguageModel model = LanguageModel.Open(broken, new InferenceOptions { Threads = 1 });
        Should.Throw<CheckpointException>(() => Pruner.Prune(
            model, new TextChunks(new int[] { 2, 3, 4, 5 }, 4, null), new PruningOptions(PruningMethod.Wanda), folder["out"]))
            .Message.ShouldContain($"has tensor {Stranger}, where a model of 2 layers was expected");
    }

    [Theory]
    [InlineData("2:4", 2, 4)]
    [InlineData("4:8", 4, 8)]
    [InlineData("1:3", 1, 3)]
    [InlineData("0:4", 0, 0)]
    [InlineData("4:4", 0, 0)]
    [InlineData("1:2000", 0, 0)]
    [InlineData("-1:4", 0, 0)]
    [InlineData("2-4", 0, 0)]
    [InlineData("2:", 0, 0)]
    [InlineData("2:4:8", 0, 0)]
    public void A_pattern_is_read_or_refused(string text, int dropped, int group)
    {
        SparsityPattern.TryParse(text, out SparsityPattern pattern).ShouldBe(group > 0);
        if (group > 0)
        {
            pattern.ShouldBe(new SparsityPattern(dropped, group));
            pattern.ToString().ShouldBe(text);
        }
    }

    private static string GroupOf(SelectedMatrix matrix, int index, PruningScope scope) => scope switch
    {
        PruningScope.Tensor => matrix.Info.Name,
        PruningScope.Row => $"{matrix.Info.Name} {index / matrix.Columns}",
        PruningScope.Layer => $"{matrix.Layer}",
        _ => "all",
    };

    private void Refuse<T>(Checkpoint source, PruningOptions options, string fact)
        where T : Exception
    {
        Should.Throw<T>(() => Pruner.Prune(source, options, folder["out"], threads: 1)).Message.ShouldContain(fact);
        Directory.Exists(folder["out"]).ShouldBeFalse();
    }

    private void RefuseCalibrated(LanguageModel model, PruningOptions options, string fact)
    {
        TextChunks text = new PruningFixture("a").Calibration();
        Should.Throw<CheckpointException>(() => Pruner.Prune(model, text, options, folder["out"])).Message.ShouldContain(fact);
        Directory.Exists(folder["out"]).ShouldBeFalse();
    }
}
