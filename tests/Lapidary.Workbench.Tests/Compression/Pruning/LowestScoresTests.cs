using Lapidary.Numerics;
using Lapidary.Workbench.Compression;
using Shouldly;
using Xunit;

namespace Lapidary.Workbench.Tests.Compression.Pruning;

/// <summary>The selection of the lowest scores, against a stable sort.</summary>
public sealed class LowestScoresTests
{
    [Fact]
    public void Equal_scores_are_taken_by_index()
    {
        var marked = new bool[6];
        LowestScores.Mark([1f, 0f, -0f, 1f, 0f, 1f], 4, marked);
        marked.ShouldBe([true, true, true, false, true, false]);
        LowestScores.Mark([1f, 0f, -0f, 1f, 0f, 1f], 2, marked);
        marked.ShouldBe([false, true, true, false, false, false]);
        LowestScores.Mark([2d, -1d, double.PositiveInfinity, -2d, double.NegativeInfinity, double.Epsilon], 3, marked);
        marked.ShouldBe([false, true, false, true, true, false]);
    }

    [Fact]
    public void Random_scores_are_marked_as_a_stable_sort_marks_them()
    {
        var random = new SplitMix64(1);
        for (int round = 0; round < 200; round++)
        {
            int length = 1 + (int)(random.NextBits() % 700);
            // Few different values, so that there are many ties; with signs.
            float[] scores = [.. Enumerable.Range(0, length).Select(_ => ((int)(random.NextBits() % 41) - 20) / 16f)];
            int count = (int)(random.NextBits() % (ulong)(length + 1));
            var expected = new bool[length];
            foreach (int index in Enumerable.Range(0, length).OrderBy(i => scores[i]).Take(count))
            {
                expected[index] = true;
            }

            var marked = new bool[length];
            LowestScores.Mark(scores, count, marked);
            marked.ShouldBe(expected);
            marked.AsSpan().Fill(true);
            LowestScores.Mark(Array.ConvertAll(scores, score => (double)score), count, marked);
            marked.ShouldBe(expected);
        }
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        LowestScores.Mark((ReadOnlySpan<float>)[], 0, []);
        Should.Throw<ArgumentException>(() => LowestScores.Mark([1f], 2, new bool[1]));
        Should.Throw<ArgumentException>(() => LowestScores.Mark([1f], -1, new bool[1]));
        Should.Throw<ArgumentException>(() => LowestScores.Mark([1f], 1, new bool[2]));
    }
}
