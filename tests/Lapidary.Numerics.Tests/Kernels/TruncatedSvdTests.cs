using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Threading;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Numerics.Tests.Kernels;

/// <summary>Decompositions of matrices whose singular values are known.</summary>
public unsafe class TruncatedSvdTests
{
    [Theory]
    [InlineData(40, 60, 5)]
    [InlineData(60, 40, 7)]
    [InlineData(200, 333, 16)]
    [InlineData(9, 9, 9)]
    [InlineData(1, 30, 1)]
    public void Known_singular_values_are_found_and_the_vectors_are_orthonormal(int rows, int columns, int rank)
    {
        // Reflections have orthonormal columns: A = (I - 2 u u^T) S (I - 2 v v^T), the values falling by a tenth each.
        double[] u = Unit(rows, 1), v = Unit(columns, 2);
        int count = Math.Min(rows, columns);
        var values = Enumerable.Range(0, count).Select(i => 10 * Math.Pow(0.9, i)).ToArray();
        var matrix = new float[rows * columns];
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < columns; j++)
            {
                double sum = 0;
                for (int k = 0; k < count; k++)
                {
                    sum += ((i == k ? 1 : 0) - (2 * u[i] * u[k])) * values[k] * ((j == k ? 1 : 0) - (2 * v[j] * v[k]));
                }

                matrix[(i * columns) + j] = (float)sum;
            }
        }

        TruncatedSvd svd = Compute(matrix, rows, columns, rank, threads: 2);
        for (int k = 0; k < rank; k++)
        {
            // The matrix was rounded to float32.
            svd.SingularValues[k].ShouldBe(values[k], 1e-5);
        }

        ShouldBeOrthonormal(svd.Left, rows, rank);
        ShouldBeOrthonormal(svd.Right, columns, rank);

        // The best approximation of this rank is off by what lies beyond (Eckart and Young 1936).
        double best = Math.Sqrt(values.Skip(rank).Sum(value => value * value));
        Error(matrix, svd, rows, columns).ShouldBeAtMost((best * 1.0001) + 1e-4);
    }

    [Fact]
    public void A_random_matrix_is_approximated_nearly_as_well_as_possible()
    {
        // Hardly any decay: the hardest case. The best error is known from a decomposition of full rank.
        const int Rows = 90, Columns = 120, Rank = 8;
        float[] matrix = RandomData.Floats(Rows * Columns, seed: 3);
        TruncatedSvd full = Compute(matrix, Rows, Columns, Rows, threads: 1);
        Error(matrix, full, Rows, Columns).ShouldBeAtMost(1e-5);
        TruncatedSvd svd = Compute(matrix, Rows, Columns, Rank, threads: 1);
        double best = Math.Sqrt(full.SingularValues.Skip(Rank).Sum(value => value * value));
        Error(matrix, svd, Rows, Columns).ShouldBeAtMost(best * 1.002);
    }

    [Fact]
    public void Small_matrices_are_decomposed_completely_whatever_the_seed()
    {
        using var pool = new WorkerPool(1);
        for (int size = 1; size <= 5; size++)
        {
            for (ulong seed = 0; seed < 50; seed++)
            {
                float[] matrix = RandomData.Floats(size * size, seed: (int)seed);
                fixed (float* a = matrix)
                {
                    TruncatedSvd svd = TruncatedSvd.Compute(pool, a, size, size, size, seed);
                    Error(matrix, svd, size, size).ShouldBeAtMost(1e-12, $"{size}, seed {seed}");
                }
            }
        }
    }

    [Fact]
    public void Results_are_the_same_for_any_number_of_threads()
    {
        float[] matrix = RandomData.Floats(100 * 130, seed: 3);
        TruncatedSvd one = Compute(matrix, 100, 130, 4, threads: 1), five = Compute(matrix, 100, 130, 4, threads: 5);
        five.Left.ShouldBe(one.Left);
        five.SingularValues.ShouldBe(one.SingularValues);
        five.Right.ShouldBe(one.Right);
    }

    [Fact]
    public void Beyond_the_rank_of_a_matrix_there_is_nothing()
    {
        double[] u = Unit(30, 1), v = Unit(20, 2);
        float[] matrix = [.. Enumerable.Range(0, 600).Select(i => (float)(int)(8 * u[i / 20]) * (int)(8 * v[i % 20]))];
        TruncatedSvd svd = Compute(matrix, 30, 20, 3, threads: 1);
        svd.SingularValues[1..].ShouldBe([0, 0]);
        Error(matrix, svd, 30, 20).ShouldBeAtMost(1e-9);
        Compute(new float[600], 30, 20, 3, threads: 1).SingularValues.ShouldBe([0, 0, 0]);
    }

    [Fact]
    public void Impossible_requests_are_refused()
    {
        Should.Throw<ArgumentOutOfRangeException>(() => Compute(new float[6], 2, 3, 3, threads: 1));
        Should.Throw<ArgumentOutOfRangeException>(() => Compute(new float[6], 2, 3, 0, threads: 1));
        Should.Throw<ArgumentException>(() => Compute([1, 2, 3, 4, float.NaN, 6], 2, 3, 1, threads: 1)).Message.ShouldContain("[1, 1]");
    }

    private static TruncatedSvd Compute(float[] matrix, int rows, int columns, int rank, int threads)
    {
        using var pool = new WorkerPool(threads);
        fixed (float* a = matrix)
        {
            return TruncatedSvd.Compute(pool, a, rows, columns, rank, seed: 1);
        }
    }

    private static double Error(float[] matrix, TruncatedSvd svd, int rows, int columns)
    {
        double sum = 0;
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < columns; j++)
            {
                double rest = matrix[(i * columns) + j];
                for (int k = 0; k < svd.Rank; k++)
                {
                    rest -= svd.Left[(i * svd.Rank) + k] * svd.SingularValues[k] * svd.Right[(j * svd.Rank) + k];
                }

                sum += rest * rest;
            }
        }

        return Math.Sqrt(sum);
    }

    private static void ShouldBeOrthonormal(double[] vectors, int length, int count)
    {
        for (int a = 0; a < count; a++)
        {
            for (int b = 0; b <= a; b++)
            {
                double dot = 0;
                for (int i = 0; i < length; i++)
                {
                    dot += vectors[(i * count) + a] * vectors[(i * count) + b];
                }

                dot.ShouldBe(a == b ? 1 : 0, 1e-12);
            }
        }
    }

    private static double[] Unit(int length, int seed)
    {
        float[] values = RandomData.Floats(length, seed);
        double norm = Math.Sqrt(values.Sum(value => (double)value * value));
        return [.. values.Select(value => value / norm)];
    }
}
