using Lapidary.Numerics;
using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Threading;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Numerics.Tests.Kernels;

/// <summary>Second moments and the factor of their inverse, against sums and products written out.</summary>
public sealed class InverseCholeskyTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 3)]
    [InlineData(64, 64)]
    [InlineData(75, 131)]
    public void A_gram_matrix_is_the_sum_of_products_in_the_order_of_the_rows(int width, int rows)
    {
        float[] x = Random(width * rows, 5);
        using var pool = new WorkerPool(3);
        using var one = new GramMatrix(width);
        one.Add(pool, x);
        using var cut = new GramMatrix(width);
        int first = rows / 3 * width;
        cut.Add(pool, x.AsSpan(0, first));
        cut.Add(pool, x.AsSpan(first));
        for (int i = 0; i < width; i++)
        {
            for (int j = i; j < width; j++)
            {
                double sum = 0;
                for (int row = 0; row < rows; row++)
                {
                    sum += (double)x[(row * width) + i] * x[(row * width) + j];
                }

                one.Sum[i, j].ShouldBe(sum);
                cut.Sum[i, j].ShouldBe(sum);
            }
        }

        if (width > 1)
        {
            Should.Throw<ArgumentException>(() => one.Add(pool, new float[(2 * width) + 1])).Message.ShouldContain("no whole rows");
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(71)]
    [InlineData(160)]
    public void The_factor_times_its_transpose_is_the_inverse(int size)
    {
        float[] x = Random(size * (size + 9), (ulong)size);
        double[] added = [.. Enumerable.Range(0, size).Select(i => 0.5 + (i % 3))];
        double[]? bits = null;
        foreach (int threads in new[] { 1, 3 })
        {
            using var pool = new WorkerPool(threads);
            using var gram = new GramMatrix(size);
            gram.Add(pool, x);
            var h = new double[size, size];
            for (int i = 0; i < size; i++)
            {
                for (int j = 0; j < size; j++)
                {
                    h[i, j] = gram.Sum[Math.Min(i, j), Math.Max(i, j)] + (i == j ? added[i] : 0);
                }
            }

            InverseCholesky.Factor(pool, gram.Sum, added).ShouldBeTrue();
            var u = new double[size * size];
            for (int i = 0; i < size; i++)
            {
                for (int j = i; j < size; j++)
                {
                    u[(i * size) + j] = gram.Sum[i, j];
                }
            }

            bits ??= u;
            u.ShouldBe(bits);

            // U^T U H = 1.
            for (int i = 0; i < size; i++)
            {
                var row = new double[size];
                for (int j = 0; j < size; j++)
                {
                    for (int k = 0; k <= Math.Min(i, j); k++)
                    {
                        row[j] += u[(k * size) + i] * u[(k * size) + j];
                    }
                }

                for (int j = 0; j < size; j++)
                {
                    double sum = 0;
                    for (int k = 0; k < size; k++)
                    {
                        sum += row[k] * h[k, j];
                    }

                    Math.Abs(sum - (i == j ? 1 : 0)).ShouldBeAtMost(1e-9, $"element [{i}, {j}]");
                }
            }
        }
    }

    [Fact]
    public void What_is_not_positive_definite_has_no_factor()
    {
        using var pool = new WorkerPool(1);
        using var zero = new SquareMatrix(40);
        InverseCholesky.Factor(pool, zero, new double[40]).ShouldBeFalse();
        using var broken = new SquareMatrix(3);
        broken[0, 0] = broken[1, 1] = broken[2, 2] = 1;
        broken[0, 1] = double.NaN;
        InverseCholesky.Factor(pool, broken, new double[3]).ShouldBeFalse();
    }

    private static float[] Random(int count, ulong seed)
    {
        var random = new SplitMix64(seed);
        var values = new float[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = (float)(random.NextDouble() - 0.5);
        }

        return values;
    }
}
