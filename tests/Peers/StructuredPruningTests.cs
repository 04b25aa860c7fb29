using Lapidary.Checkpoints;
using Lapidary.Inference;
using Lapidary.Networks;
using Lapidary.Numerics;
using Lapidary.Tests.Common;
using Lapidary.Workbench.Compression;
using Lapidary.Workbench.Evaluation.Texts;
using Xunit;

namespace Lapidary.Peers.Tests;

/// <summary>Models with fewer layers, or narrower ones, that llama.cpp runs with the sizes and the windows that they have.</summary>
public sealed class StructuredPruningTests(ITestOutputHelper log) : IDisposable
{
    private readonly TemporaryFolder folder = new();

    /// <inheritdoc/>
    public void Dispose() => folder.Dispose();

    [Fact]
    public void Layers_that_follow_no_pattern_keep_their_windows()
    {
        PeerEnvironment.RequireModels();
        string source = WriteSource(out Gemma3Config config);
        Compare(source, StructuredPlan.Depth(config, [0, 1, 3, 5, 8, 9, 11]));
    }

    [Fact]
    public void Sizes_that_no_preset_has_are_computed_with()
    {
        PeerEnvironment.RequireModels();
        string source = WriteSource(out Gemma3Config config);
        using LanguageModel model = LanguageModel.Open(source);
        int[] tokens = [.. Enumerable.Range(0, 256).Select(i => 3 + (i * 97 % 500))];
        StructuredImportance importance = StructuredImportance.Collect(
            model, new TextChunks(tokens, 64, beginToken: 2), cancellation: TestContext.Current.CancellationToken);
        Compare(source, StructuredPlan.Width(config, importance, new WidthTarget(100, 1, 1, 50)));
    }

    private string WriteSource(out Gemma3Config config)
    {
        Gemma3Config tiny = Gemma3Presets.Get("tiny");
        LayerSpec global = tiny.Layers.First(layer => layer.Window is null);
        LayerSpec local = tiny.Layers.First(layer => layer.Window is not null) with { Window = 8 };
        config = tiny with { Layers = [.. Enumerable.Range(1, 12).Select(layer => layer % 6 == 0 ? global : local)], SlidingWindow = 8 };
        RandomCheckpoint.Write(config, folder["source"], 5, ElementType.F32, cancellationToken: TestContext.Current.CancellationToken);
        return folder["source"];
    }

    private void Compare(string path, StructuredPlan plan)
    {
        using (Checkpoint source = Checkpoint.Open(path))
        using (var output = new OutputFolder(folder["pruned"], overwrite: false))
        {
            plan.Write(source, output, cancellationToken: TestContext.Current.CancellationToken);
            output.Commit();
        }

        string file = folder["pruned.gguf"];
        using (Checkpoint pruned = Checkpoint.Open(folder["pruned"]))
        {
            // Token ids need no tokenizer, which llama.cpp understands.
            CheckpointConverter.ToGguf(pruned, file, withTokenizer: false, cancellationToken: TestContext.Current.CancellationToken);
        }

        int[] tokens = [.. RandomModels.Prompt.Select(id => id % plan.Config.VocabularySize)];
        float[] ours = Ours.ExactLogits(folder["pruned"], tokens);
        float[] llama = ExternalProgram.LlamaLogits(file, tokens, folder.Path);
        Distance distance = Distance.Between(ours, Array.ConvertAll(llama, value => (double)value), plan.Config.VocabularySize);
        log.WriteLine($"{distance}");
        distance.Largest.ShouldBeAtMost(1e-3);
    }
}
