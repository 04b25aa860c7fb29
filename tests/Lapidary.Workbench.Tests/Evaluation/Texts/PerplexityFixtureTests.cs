using System.Text.Json.Nodes;
using Lapidary.Inference;
using Lapidary.Tests.Common;
using Lapidary.Workbench.Evaluation.Texts;
using Shouldly;
using Xunit;

namespace Lapidary.Workbench.Tests.Evaluation.Texts;

/// <summary>Every number of llama.cpp's perplexity tool, against the fixture.</summary>
public sealed class PerplexityFixtureTests
{
    [Fact]
    public void The_perplexity_of_a_model_alone_is_the_fixtures()
    {
        using LanguageModel model = PerplexityFixture.Base();
        using var evaluator = new TextEvaluator(model);
        var seen = new Collected();
        TextScores scores = evaluator.Run(PerplexityFixture.Chunks(), progress: seen, cancellation: TestContext.Current.CancellationToken);

        JsonNode expected = PerplexityFixture.Results["base"]!;
        scores.Divergence.ShouldBeNull();
        scores.Perplexity.Count.ShouldBe(expected["count"]!.GetValue<int>());
        PerplexityFixture.Close(scores.Perplexity.MeanNll, expected, "mean_nll", "sigma_mean_nll", PerplexityFixture.Tolerance);
        PerplexityFixture.Close(scores.Perplexity.Perplexity, expected, "ppl", "ppl_uncertainty", PerplexityFixture.Tolerance);
        double[] running = [.. PerplexityFixture.Results["running_ppl_base"]!.AsArray().Select(value => value!.GetValue<double>())];
        seen.Values[0].Done.ShouldBe(0);
        seen.Values.Count.ShouldBe(running.Length + 1);
        for (int i = 0; i < running.Length; i++)
        {
            Math.Abs(seen.Values[i + 1].Perplexity - running[i]).ShouldBeAtMost(3 * PerplexityFixture.Tolerance, $"after chunk {i}");
        }
    }

    [Fact]
    public void The_first_token_of_a_chunk_matters()
    {
        TextChunks chunks = PerplexityFixture.Chunks();
        using LanguageModel model = PerplexityFixture.Base();
        using var evaluator = new TextEvaluator(model);
        TextScores scores = evaluator.Run(new TextChunks(chunks.Tokens, 128, null), cancellation: TestContext.Current.CancellationToken);

        PerplexityFixture.Results["wrong_if_first_token_is_not_replaced"]!["base_ppl"]!.GetValue<double>()
            .ShouldBe(scores.Perplexity.Perplexity.Value, 1e-3);
    }

    [Fact]
    public void Two_models_side_by_side_give_the_exact_statistics()
    {
        TextScores scores = Compare(threads: 1, tileBytes: 64L << 20, out _);

        scores.Divergence!.ShouldBe(PerplexityFixture.Results["kl_exact"]!, PerplexityFixture.Tolerance);
        double[] nll = PerplexityFixture.Tensor<double>("per_token.safetensors", "nll");
        double[] divergences = PerplexityFixture.Tensor<double>("per_token.safetensors", "kld");
        for (int chunk = 0; chunk < 17; chunk++)
        {
            Math.Abs(scores.Chunks[chunk].MeanNll - nll.Skip(63 * chunk).Take(63).Average()).ShouldBeAtMost(PerplexityFixture.Tolerance);
            Math.Abs(scores.Chunks[chunk].Divergence!.Value - divergences.Skip(63 * chunk).Take(63).Average()).ShouldBeAtMost(PerplexityFixture.Tolerance);
        }
    }

    [Theory]
    [InlineData(2, 64L << 20)]
    [InlineData(3, 16 * 160 * 4)]
    [InlineData(1, 1)]
    public void Threads_and_tiles_do_not_change_a_bit(int threads, long tileBytes)
    {
        Compare(1, 64L << 20, out string expected);
        Compare(threads, tileBytes, out string actual);
        actual.ShouldBe(expected);
    }

    [Fact]
    public void A_file_of_recorded_logits_gives_the_statistics_of_16_bits()
    {
        using var recorded = RecordedLogits.Open(PerplexityFixture.PathOf("base_logits.kld"));
        recorded.Tokens.ToArray().ShouldBe(PerplexityFixture.Chunks().Tokens.ToArray());
        using LanguageModel model = PerplexityFixture.Noisy();
        using var evaluator = new TextEvaluator(model);
        TextScores scores = evaluator.Run(
            new TextChunks(recorded.Tokens, recorded.ContextLength, 2), recorded, cancellation: TestContext.Current.CancellationToken);

        scores.Divergence!.ShouldBe(PerplexityFixture.Results["kl_16bit_file"]!, PerplexityFixture.Tolerance);
    }

    [Fact]
    public void What_is_recorded_here_is_what_the_fixture_recorded()
    {
        using var folder = new TemporaryFolder();
        TextChunks chunks = PerplexityFixture.Chunks();
        using LanguageModel model = PerplexityFixture.Base();
        using (var writer = new RecordedLogitsWriter(folder["ours.kld"], chunks, model.Config.VocabularySize))
        using (var evaluator = new TextEvaluator(model))
        {
            evaluator.Run(chunks, record: writer, cancellation: TestContext.Current.CancellationToken);
            Directory.GetFiles(folder.Path, "ours.kld").ShouldBeEmpty();
            writer.Complete();
        }

        Directory.GetFileSystemEntries(folder.Path).ShouldHaveSingleItem();
        byte[] ours = File.ReadAllBytes(folder["ours.kld"]), theirs = File.ReadAllBytes(PerplexityFixture.PathOf("base_logits.kld"));
        ours.Length.ShouldBe(theirs.Length);
        int start = RecordedLogitsLayout.HeaderBytes + (17 * 128 * 4);
        ours[..start].ShouldBe(theirs[..start]);

        // The fixture's logits are of double precision: a code may be the next one.
        var layout = new RecordedLogitsLayout(128, model.Config.VocabularySize, 17);
        float[] ourRow = new float[layout.VocabularySize], theirRow = new float[layout.VocabularySize];
        for (int row = 0; row < 17 * 63; row++)
        {
            int at = start + (row * layout.RowBytes);
            RecordedRow.TryDecode(ours.AsSpan(at, layout.RowBytes), ourRow, out _).ShouldBeTrue();
            RecordedRow.TryDecode(theirs.AsSpan(at, layout.RowBytes), theirRow, out _).ShouldBeTrue();
            Closeness.LargestDifference(ourRow, theirRow).ShouldBeAtMost(2 * RecordedRow.Range / 65535);
        }
    }

    private static TextScores Compare(int threads, long tileBytes, out string everything)
    {
        using LanguageModel noisy = PerplexityFixture.Noisy(threads), reference = PerplexityFixture.Base(threads);
        using var live = new LiveBaseLogits(reference);
        using var evaluator = new TextEvaluator(noisy, tileBytes);
        TextScores scores = evaluator.Run(PerplexityFixture.Chunks(), live, cancellation: TestContext.Current.CancellationToken);
        DivergenceStatistics divergence = scores.Divergence!;
        everything = string.Join('\n', scores.Chunks) + scores.Perplexity + divergence.Covariance.ToString("R")
            + divergence + string.Join(',', divergence.DivergenceQuantiles) + string.Join(',', divergence.ProbabilityChangeQuantiles);
        return scores;
    }

    private sealed class Collected : IProgress<TextProgress>
    {
        public List<TextProgress> Values { get; } = [];

        public void Report(TextProgress value) => Values.Add(value);
    }
}
