using Lapidary.Checkpoints;
using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Threading;
using Lapidary.Tests.Common;
using Lapidary.Workbench.Compression;
using Shouldly;
using Xunit;

namespace Lapidary.Workbench.Tests.Compression.Pruning;

/// <summary>SparseGPT on one matrix alone, in double precision.</summary>
public sealed unsafe class SparseGptTests
{
    [Fact]
    public void A_matrix_with_dead_inputs_is_that_of_the_fixture()
    {
        using SafetensorsFile file = new PruningFixture("a").File("sparsegpt_synthetic.safetensors");
        double[] inputs = PruningFixture.Read<double>(file, "X"), weights = PruningFixture.Read<double>(file, "W");
        double[] expected = PruningFixture.Read<double>(file, "W_new");
        byte[] keep = PruningFixture.Read<byte>(file, "keep");
        using var pool = new WorkerPool(2);
        using SquareMatrix factor = Moments(inputs, 14);
        var dead = new bool[14];
        SparseGpt.TryFactor(pool, factor, 0.01, dead).ShouldBeTrue();
        dead.Select((value, i) => (value, i)).Where(pair => pair.value).Select(pair => pair.i).ShouldBe([3, 9]);
        double[] pruned = Prune(pool, weights, 6, factor, dead, 0.4, null, 5);
        for (int i = 0; i < expected.Length; i++)
        {
            Math.Abs(pruned[i] - expected[i]).ShouldBeAtMost(1e-10, $"element {i}");
            (pruned[i] != 0 || dead[i % 14]).ShouldBe(keep[i] != 0 || dead[i % 14], $"element {i}");
        }
    }

    [Fact]
    public void Patterns_hold_in_every_group_and_threads_change_no_bit()
    {
        const int Rows = 9, Columns = 72;
        double[] inputs = [.. Enumerable.Range(0, 100 * Columns).Select(i => Math.Sin(i * 0.37) + (0.5 * Math.Cos(i * i * 0.11)))];
        double[] weights = [.. Enumerable.Range(0, Rows * Columns).Select(i => Math.Cos(i * 0.73))];
        foreach (SparsityPattern? pattern in new SparsityPattern?[] { null, new SparsityPattern(2, 4), new SparsityPattern(4, 8), new SparsityPattern(1, 3) })
        {
            double[]? first = null;
            foreach (int threads in new[] { 1, 3 })
            {
                using var pool = new WorkerPool(threads);
                using SquareMatrix factor = Moments(inputs, Columns);
                var dead = new bool[Columns];
                SparseGpt.TryFactor(pool, factor, 0.01, dead).ShouldBeTrue();
                double[] pruned = Prune(pool, weights, Rows, factor, dead, 0.3, pattern, 24);
                first ??= pruned;
                pruned.ShouldBe(first);
            }

            // Without a pattern 24-column blocks lose floor(9 * 24 * 0.3) = 64 each.
            first!.Count(weight => weight == 0).ShouldBe(pattern is { } known ? Rows * Columns / known.Group * known.Dropped : 3 * 64);
            if (pattern is { } found)
            {
                first!.Chunk(found.Group).ShouldAllBe(group => group.Count(weight => weight == 0) == found.Dropped);
            }
        }
    }

    [Fact]
    public void The_first_choice_is_what_the_formula_says()
    {
        // One weight of two, H = [[2, 1], [1, 2]] with a damping of next to nothing: H^-1 = [[2, -1], [-1, 2]] / 3.
        using var factor = new SquareMatrix(2);
        (factor[0, 0], factor[0, 1], factor[1, 1]) = (2, 1, 2);
        var dead = new bool[2];
        using var pool = new WorkerPool(1);
        SparseGpt.TryFactor(pool, factor, 1e-300, dead).ShouldBeTrue();
        factor[0, 0].ShouldBe(Math.Sqrt(2.0 / 3), 1e-15);
        factor[0, 1].ShouldBe(-1 / Math.Sqrt(6), 1e-15);
        factor[1, 1].ShouldBe(Math.Sqrt(0.5), 1e-15);
        double[] pruned = Prune(pool, [1, 1.5], 1, factor, dead, 0.5, null, 2);

        // e = 1 / U_00; w_1 = 1.5 - e U_01 = 1.5 + 0.5.
        pruned[0].ShouldBe(0);
        pruned[1].ShouldBe(2, 1e-14);
    }

    private static SquareMatrix Moments(double[] inputs, int columns)
    {
        var moments = new SquareMatrix(columns);
        for (int i = 0; i < columns; i++)
        {
            for (int j = i; j < columns; j++)
            {
                for (int row = 0; row < inputs.Length / columns; row++)
                {
                    moments[i, j] += inputs[(row * columns) + i] * inputs[(row * columns) + j];
                }
            }
        }

        return moments;
    }

    private static double[] Prune(
        WorkerPool pool, double[] weights, int rows, SquareMatrix factor, bool[] dead, double sparsity, SparsityPattern? pattern, int blockSize)
    {
        int columns = weights.Length / rows;
        var padded = new double[rows * factor.Stride];
        for (int row = 0; row < rows; row++)
        {
            weights.AsSpan(row * columns, columns).CopyTo(padded.AsSpan(row * factor.Stride));
        }

        fixed (double* data = padded)
        {
            SparseGpt.Prune(pool, data, rows, factor, dead, sparsity, pattern, blockSize, TestContext.Current.CancellationToken);
        }

        return [.. Enumerable.Range(0, rows).SelectMany(row => padded.AsSpan(row * factor.Stride, columns).ToArray())];
    }
}
