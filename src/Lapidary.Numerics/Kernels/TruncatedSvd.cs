using Lapidary.Numerics.Threading;

namespace Lapidary.Numerics.Kernels;

/// <summary>
/// The largest singular values of a matrix with their vectors, A = U S V^T cut off at a rank, by a randomized range finder with power
/// iterations (Halko, Martinsson and Tropp 2011, "Finding Structure with Randomness", algorithms 4.4 and 5.1), in double precision.
/// </summary>
/// <remarks>
/// A basis of 2 * rank + 10 vectors that starts at random and is multiplied by A A^T again and again turns towards the largest singular
/// vectors, and carries what lies in them nearly whole. The small matrix that is left is decomposed by one-sided Jacobi rotations.
/// The same seed gives the same result for any number of threads.
/// </remarks>
public sealed class TruncatedSvd
{
    private const int Oversampling = 10;

    private TruncatedSvd(int rank, double[] left, double[] singularValues, double[] right)
    {
        Rank = rank;
        Left = left;
        SingularValues = singularValues;
        Right = right;
    }

    /// <summary>Singular values that were computed.</summary>
    public int Rank { get; }

    /// <summary>U [rows, rank], row-major: orthonormal columns, those of singular values that are zero excepted, which are zero.</summary>
    public double[] Left { get; }

    /// <summary>S [rank], largest first.</summary>
    public double[] SingularValues { get; }

    /// <summary>V [columns, rank], row-major: orthonormal columns, those of singular values that are zero excepted, which are zero.</summary>
    public double[] Right { get; }

    /// <summary>Decomposes a matrix.</summary>
    /// <param name="pool">Workers that share the products.</param>
    /// <param name="matrix">A [rows, columns], row-major.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="columns">Number of columns.</param>
    /// <param name="rank">How many singular values, from 1 to the smaller side.</param>
    /// <param name="seed">Where the random vectors come from.</param>
    /// <param name="powerIterations">Multiplications by A A^T: the more, the closer to the best approximation.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rank or the number of iterations is impossible.</exception>
    /// <exception cref="ArgumentException">The matrix holds a number that is not finite.</exception>
    public static unsafe TruncatedSvd Compute(
        WorkerPool pool, float* matrix, int rows, int columns, int rank, ulong seed, int powerIterations = 6)
    {
        int smaller = Math.Min(rows, columns);
        ArgumentOutOfRangeException.ThrowIfLessThan(rank, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rank, smaller);
        ArgumentOutOfRangeException.ThrowIfNegative(powerIterations);
        long nonFinite = GradientNorm.SquaredSum(pool, matrix, (long)rows * columns).FirstNonFinite;
        if (nonFinite >= 0)
        {
            throw new ArgumentException($"Element [{nonFinite / columns}, {nonFinite % columns}] of the matrix is not finite.");
        }

        int count = (int)Math.Min(smaller, (2L * rank) + Oversampling);
        var products = new SvdProducts(pool, matrix, rows, columns, count);
        VectorSet basis = RandomVectors(count, columns, seed);
        VectorSet range = products.Multiply(basis);
        range.Orthonormalize();
        for (int i = 0; i < powerIterations; i++)
        {
            basis = products.MultiplyTransposed(range);
            basis.Orthonormalize();
            range = products.Multiply(basis);
            range.Orthonormalize();
        }

        // B = Q^T A, whose rows the rotations J make orthogonal: J B = S V^T, so A = Q B = (Q J^T) S V^T.
        VectorSet small = products.MultiplyTransposed(range);
        VectorSet rotations = VectorSet.Identity(count);
        small.MakeOrthogonal(rotations);
        return Sort(range, small, rotations, rank);
    }

    private static TruncatedSvd Sort(VectorSet range, VectorSet small, VectorSet rotations, int rank)
    {
        double[] norms = [.. Enumerable.Range(0, small.Count).Select(small.Norm)];
        int[] order = [.. Enumerable.Range(0, small.Count).OrderByDescending(i => norms[i])];
        int rows = range.Length, columns = small.Length;
        double[] left = new double[(long)rows * rank], values = new double[rank], right = new double[(long)columns * rank];
        for (int k = 0; k < rank; k++)
        {
            int vector = order[k];

            // What rounding leaves of a singular value that is zero has no direction.
            if (!(norms[vector] > 1e-14 * norms[order[0]]))
            {
                continue;
            }

            values[k] = norms[vector];
            for (int j = 0; j < columns; j++)
            {
                right[((long)j * rank) + k] = small[vector][j] / norms[vector];
            }

            for (int i = 0; i < small.Count; i++)
            {
                double factor = rotations[vector][i];
                ReadOnlySpan<double> direction = range[i];
                for (int row = 0; row < rows; row++)
                {
                    left[((long)row * rank) + k] += factor * direction[row];
                }
            }
        }

        return new TruncatedSvd(rank, left, values, right);
    }

    // Uniform numbers hit every direction as well as Gaussian ones do, and are the same on every machine.
    private static VectorSet RandomVectors(int count, int length, ulong seed)
    {
        var set = new VectorSet(count, length);
        var random = new SplitMix64(seed);
        foreach (ref double value in set.Values)
        {
            value = (2 * random.NextDouble()) - 1;
        }

        return set;
    }
}
