using Lapidary.Checkpoints;
using Lapidary.Inference;
using Lapidary.Numerics.Kernels;
using Lapidary.Tests.Common;
using Lapidary.Workbench.Evaluation.Texts;
using Shouldly;
using Xunit;

namespace Lapidary.Workbench.Tests.Evaluation.Texts;

/// <summary>Perplexity and divergence against straightforward loops in double precision, and what is refused.</summary>
public sealed class TextEvaluatorTests
{
    [Fact]
    public void Scores_agree_with_double_precision()
    {
        TextChunks chunks = PerplexityFixture.Chunks(limit: 2);
        using LanguageModel model = PerplexityFixture.Noisy(), reference = PerplexityFixture.Base();
        using var live = new LiveBaseLogits(reference);
        using var evaluator = new TextEvaluator(model);
        TextScores scores = evaluator.Run(chunks, live, cancellation: TestContext.Current.CancellationToken);

        double nll = 0, divergence = 0;
        int same = 0;
        for (int chunk = 0; chunk < chunks.Count; chunk++)
        {
            int[] tokens = chunks.Chunk(chunk).ToArray();
            int[] input = [2, .. tokens[1..]];
            double[][] q = Logs(model.Checkpoint, input), p = Logs(reference.Checkpoint, input);
            for (int place = 64; place < 127; place++)
            {
                nll -= q[place][tokens[place + 1]];
                divergence += LogitDivergence.Reference(p[place], q[place]);
                same += Array.IndexOf(p[place], p[place].Max()) == Array.IndexOf(q[place], q[place].Max()) ? 1 : 0;
            }
        }

        Math.Abs(scores.Perplexity.MeanNll.Value - (nll / 126)).ShouldBeAtMost(1e-5);
        Math.Abs(scores.Divergence!.Divergence.Value - (divergence / 126)).ShouldBeAtMost(1e-6);
        scores.Divergence.SameTopCount.ShouldBe(same);
        scores.Chunks.Average(chunk => chunk.SameTop!.Value).ShouldBe(same / 126.0, 1e-12);
    }

    [Fact]
    public void A_model_has_no_divergence_from_itself()
    {
        using LanguageModel model = PerplexityFixture.Base(), reference = PerplexityFixture.Base();
        using var live = new LiveBaseLogits(reference);
        using var evaluator = new TextEvaluator(model);
        DivergenceStatistics divergence = evaluator.Run(
            PerplexityFixture.Chunks(limit: 1), live, cancellation: TestContext.Current.CancellationToken).Divergence!;
        divergence.Divergence.Value.ShouldBe(0);
        divergence.SameTop.ShouldBe(new UncertainValue(1, 0));
        divergence.Ratio.Value.ShouldBe(1);
        divergence.RootMeanSquareChange.ShouldBe(new UncertainValue(0, 0));
        divergence.Correlation.ShouldBe(1, 1e-9);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(64)]
    public void Chunks_are_cut_as_the_tool_cuts_them(int count)
    {
        int[] tokens = [.. Enumerable.Range(10, (count * 9) + 4)];
        var chunks = new TextChunks(tokens, 9, 2);
        (chunks.Count, chunks.Available, chunks.FirstScored, chunks.ScoredCount).ShouldBe((count, count, 4, 4));
        chunks.Input(1).ShouldBe([2, 20, 21, 22, 23, 24, 25, 26]);
        chunks.Targets(1).ToArray().ShouldBe([24, 25, 26, 27]);
        chunks.Tokens.Length.ShouldBe(9 * count);
        new TextChunks(tokens, 9, null, 1).Input(0)[0].ShouldBe(10);
        new TextChunks(tokens, 9, null, 1).Available.ShouldBe(count);
        TextChunks.TokensNeeded(512).ShouldBe(1024);
    }

    [Fact]
    public void What_cannot_be_scored_is_refused()
    {
        using LanguageModel model = PerplexityFixture.Base();
        using LanguageModel other = LanguageModel.Open(Fixtures.PathOf("g3-tiny-a"), new InferenceOptions { Threads = 1, Exact = true });
        using var live = new LiveBaseLogits(other);
        using var evaluator = new TextEvaluator(model);
        Should.Throw<ArgumentException>(() => new TextChunks(new int[7], 8, null)).Message.ShouldContain("7 tokens are no chunk of 8");
        Should.Throw<ArgumentOutOfRangeException>(() => new TextChunks(new int[7], 2, null));
        Should.Throw<ArgumentException>(() => evaluator.Run(new TextChunks(new int[1 << 18], 1 << 18, null))).Message.ShouldContain("longer than the context");
        Should.Throw<ArgumentException>(() => evaluator.Run(new TextChunks(new int[] { 1, 1 << 20, 1, 1 }, 4, null))).Message.ShouldContain("Token 1048576");
        Should.Throw<ArgumentException>(() => evaluator.Run(new TextChunks(new int[8], 4, null), live)).Message.ShouldContain("vocabulary of");
        using var stopped = new CancellationTokenSource();
        stopped.Cancel();
        Should.Throw<OperationCanceledException>(() => evaluator.Run(PerplexityFixture.Chunks(), cancellation: stopped.Token));
    }

    [Theory]
    [InlineData(0.5, 2.5)]
    [InlineData(0, 1)]
    [InlineData(1, 4)]
    [InlineData(0.9, 3.7)]
    public void Quantiles_lie_between_values_in_proportion(double share, double expected) =>
        new Distribution([4, 1, 3, 2]).Quantile(share).ShouldBe(expected, 1e-12);

    private static double[][] Logs(Checkpoint checkpoint, int[] tokens) =>
        [.. new ReferenceGemma3(checkpoint).Logits(tokens).Select(row =>
        {
            double largest = row.Max(), sum = largest + Math.Log(row.Sum(x => Math.Exp(x - largest)));
            return row.Select(x => x - sum).ToArray();
        })];
}
