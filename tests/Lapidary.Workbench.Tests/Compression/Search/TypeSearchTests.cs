using Lapidary.Checkpoints;
using Lapidary.Networks;
using Lapidary.Numerics;
using Lapidary.Tests.Common;
using Lapidary.Workbench.Compression;
using Lapidary.Workbench.Compression.Search;
using Lapidary.Workbench.Evaluation.Texts;
using Shouldly;
using Xunit;

namespace Lapidary.Workbench.Tests.Compression.Search;

/// <summary>The search for types on a small random model.</summary>
public sealed class TypeSearchTests : IDisposable
{
    private const int ChunkLength = 16;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(4.6)]
    [InlineData(6.7)]
    public void What_is_found_keeps_the_budget_and_diverges_no_more_than_the_standard_mix(double bits)
    {
        using Checkpoint checkpoint = Checkpoint.Open(WriteModel());
        TypeSearchResult found = Search(checkpoint, bits, threads: 1);
        found.BitsPerWeight.ShouldBeLessThanOrEqualTo(bits);
        StandardMixScores standard = found.Standard.ShouldNotBeNull();
        standard.BitsPerWeight.ShouldBeLessThanOrEqualTo(bits);
        found.Calibration.Value.ShouldBeLessThanOrEqualTo(standard.Calibration.Value);

        // The file has what was said.
        QuantizationOptions options = Options() with { Types = found.Types };
        GgufPlan plan = Quantizer.Plan(checkpoint, options);
        (8.0 * plan.Tensors.Sum(tensor => tensor.Target.ByteLength) / plan.Tensors.Sum(tensor => tensor.Source.Length)).ShouldBe(found.BitsPerWeight, 1e-12);
        plan.Tensors.Where(tensor => tensor.Target.Shape.Length > 1)
            .ShouldAllBe(tensor => tensor.Target.Type.ElementType == found.Types[tensor.Target.Name]);

        // Threads change nothing, and what was recorded meanwhile is gone.
        TypeSearchResult again = Search(checkpoint, bits, threads: 2);
        again.Types.ShouldBe(found.Types);
        again.Calibration.ShouldBe(found.Calibration);
        again.HeldOut.ShouldBe(found.HeldOut);
        again.Standard.ShouldBe(found.Standard);
        Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName).ShouldBe(["model"]);
    }

    [Fact]
    public void Without_a_budget_to_keep_nothing_is_lost()
    {
        using Checkpoint checkpoint = Checkpoint.Open(WriteModel());
        (double least, double most) = TypeSearch.Limits(checkpoint, Options());
        TypeSearchResult found = Search(checkpoint, most, threads: 1);
        found.Types.Values.ShouldAllBe(type => type == ElementType.BF16);
        found.HeldOut.Value.ShouldBe(0, 1e-6);
        Should.Throw<ArgumentOutOfRangeException>(() => Search(checkpoint, least - 1e-6, threads: 1));
        Should.Throw<ArgumentOutOfRangeException>(() => Search(checkpoint, most + 1e-6, threads: 1));
        Should.Throw<ArgumentOutOfRangeException>(() => Search(checkpoint, double.NaN, threads: 1));
        Search(checkpoint, least, threads: 1).Standard.ShouldBeNull();
    }

    [Fact]
    public void A_quantized_model_is_refused_before_the_search()
    {
        using (Checkpoint checkpoint = Checkpoint.Open(WriteModel()))
        {
            Quantizer.Plan(checkpoint, Options()).Write(checkpoint, folder["q8.gguf"], threads: 1, cancellationToken: TestContext.Current.CancellationToken);
        }

        using Checkpoint quantized = Checkpoint.Open(folder["q8.gguf"]);
        Should.Throw<CheckpointException>(() => TypeSearch.Limits(quantized, Options())).Message.ShouldContain("is Q8_0 already");
    }

    [Fact]
    public void A_text_is_divided_in_whole_chunks()
    {
        SearchText text = SearchText.Divide(new TextChunks(Enumerable.Range(0, 203).ToArray(), 10, 7), 7);
        text.Calibration.Count.ShouldBe(16);
        text.HeldOut.Count.ShouldBe(4);
        text.HeldOut.Chunk(0).Span[0].ShouldBe(160);
        text.HeldOut.Input(0)[0].ShouldBe(7);
        SearchText.Divide(new TextChunks(new int[40], 10, null), null).HeldOut.Count.ShouldBe(2);
        Should.Throw<ArgumentException>(() => SearchText.Divide(new TextChunks(new int[39], 10, null), null));
    }

    private static QuantizationOptions Options() => new(QuantizationMix.Find("Q8_0")!) { WithTokenizer = false };

    private TypeSearchResult Search(Checkpoint checkpoint, double bits, int threads)
    {
        var random = new SplitMix64(9);
        int[] tokens = [.. Enumerable.Range(0, 6 * ChunkLength).Select(_ => random.NextInt(128))];
        using var search = new TypeSearch(
            checkpoint,
            new TypeSearchOptions(bits, Options()) { Threads = threads, ProbeTokens = 2 * ChunkLength },
            SearchText.Divide(new TextChunks(tokens, ChunkLength, 2), 2),
            folder.Path,
            cancellation: TestContext.Current.CancellationToken);
        return search.Run();
    }

    // Rows of 256, but of 128 in the output of attention.
    private string WriteModel()
    {
        Gemma3Config tiny = Gemma3Presets.Get("tiny");
        Gemma3Config config = tiny with { HiddenSize = 256, IntermediateSize = 256, VocabularySize = 128, Layers = tiny.Layers[..2] };
        RandomCheckpoint.Write(config, folder["model"], 7, ElementType.BF16, cancellationToken: TestContext.Current.CancellationToken);
        return folder["model"];
    }
}
