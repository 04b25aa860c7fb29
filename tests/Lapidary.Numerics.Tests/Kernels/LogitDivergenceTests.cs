using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Threading;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Numerics.Tests.Kernels;

public unsafe class LogitDivergenceTests
{
    public static TheoryData<int, int, float, float> Shapes => new()
    {
        { 1, 1, 3, 1 }, { 3, 2, 3, 1 }, { 2, 7, 3, 1e-3f }, { 5, 33, 20, 1 }, { 9, 512, 1, 0.1f }, { 17, 1033, 8, 0.1f }, { 2, 262144, 4, 0.01f },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Divergences_agree_with_double_precision_for_any_number_of_threads(int rows, int width, float scale, float noise)
    {
        float[] p = RandomData.Floats(rows * width, seed: rows, scale), q = RandomData.Floats(rows * width, seed: rows + 99, noise);
        for (int i = 0; i < q.Length; i++)
        {
            q[i] += p[i];
        }

        double[]? first = null;
        foreach (int threads in new[] { 1, 2, 5 })
        {
            (double[] divergences, bool[] same) = Forward(threads, p, q, rows, width);
            first ??= divergences;
            divergences.ShouldBe(first);
            for (int row = 0; row < rows; row++)
            {
                double[] logP = Logs(p, row, width), logQ = Logs(q, row, width);
                double expected = LogitDivergence.Reference(logP, logQ);
                Math.Abs(divergences[row] - expected).ShouldBeAtMost(3e-7 + (2e-6 * expected), $"row {row}");
                same[row].ShouldBe(Array.IndexOf(logP, logP.Max()) == Array.IndexOf(logQ, logQ.Max()), $"row {row}");
            }
        }
    }

    [Fact]
    public void The_same_rows_have_no_divergence()
    {
        float[] p = RandomData.Floats(3 * 1000, seed: 1, 10);
        (double[] divergences, bool[] same) = Forward(2, p, p, 3, 1000);
        divergences.ShouldAllBe(value => value == 0);
        same.ShouldAllBe(value => value);
    }

    // ln P of the second token is just above the cut, or at and below it; Q has next to nothing there.
    [Theory]
    [InlineData(3)]
    [InlineData(40)]
    public void Only_tokens_above_the_cut_count(int width)
    {
        foreach (int place in new[] { 1, width - 1 })
        {
            foreach (float below in new[] { 15.99f, 16.01f, 30 })
            {
                var p = new float[width];
                var q = new float[width];
                p.AsSpan().Fill(-60);
                q.AsSpan().Fill(-60);
                p[0] = q[0] = 0;
                p[place] = -below;
                (double[] divergences, _) = Forward(1, p, q, 1, width);
                double expected = below < 16 ? Math.Exp(-below) * (60 - below) : 0;

                // The likeliest token gives e^-below of its own, rounded beside 1; the token in question gives 44 times as much.
                Math.Abs(divergences[0] - expected).ShouldBeAtMost((2 * Math.Exp(-below)) + 1e-12, $"{below} at {place}");
            }
        }
    }

    [Fact]
    public void The_first_of_equal_numbers_is_the_likeliest()
    {
        Forward(1, [1, 3, 3, 0], [0, 3, 2, 3], 1, 4).Same[0].ShouldBeTrue();
        Forward(1, [1, 3, 3, 0], [0, 2, 3, 3], 1, 4).Same[0].ShouldBeFalse();
    }

    [Fact]
    public void Rows_without_their_numbers_are_refused()
    {
        using var pool = new WorkerPool(1);
        var numbers = new float[2];
        fixed (float* x = numbers)
        {
            float* logits = x;
            Should.Throw<ArgumentException>(() => LogitDivergence.Forward(
                pool, new LogitRows(logits, new float[1], new double[2]), new LogitRows(logits, new float[2], new double[2]), 1, new double[2], new bool[2]));
        }
    }

    private static double[] Logs(float[] logits, int row, int width)
    {
        float[] x = logits[(row * width)..((row + 1) * width)];
        double sum = LogSumExp.Reference(x);
        return [.. x.Select(value => value - sum)];
    }

    private static (double[] Divergences, bool[] Same) Forward(int threads, float[] p, float[] q, int rows, int width)
    {
        var divergences = new double[rows];
        var same = new bool[rows];
        using var pool = new WorkerPool(threads);
        fixed (float* x = p, y = q)
        {
            (float[] largestP, double[] sumsP) = Sums(pool, x, rows, width);
            (float[] largestQ, double[] sumsQ) = Sums(pool, y, rows, width);
            LogitDivergence.Forward(pool, new LogitRows(x, largestP, sumsP), new LogitRows(y, largestQ, sumsQ), width, divergences, same);
        }

        return (divergences, same);
    }

    private static (float[] Largest, double[] Sums) Sums(WorkerPool pool, float* logits, int rows, int width)
    {
        var largest = new float[rows];
        var sums = new double[rows];
        LogSumExp.Forward(pool, logits, rows, width, largest, sums);
        return (largest, sums);
    }
}
