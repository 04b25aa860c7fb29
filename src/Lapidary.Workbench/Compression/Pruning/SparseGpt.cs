using System.Numerics;
using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Threading;

namespace Lapidary.Workbench.Compression;

/// <summary>
/// SparseGPT (Frantar and Alistarh 2023, algorithm 1) in double precision: blocks of columns from left to right, in each the weights of lowest
/// (w / U_jj)^2 become 0, and w / U_jj * U_jk is subtracted from every weight to the right of one that did. U is that of
/// <see cref="InverseCholesky"/>.
/// </summary>
/// <remarks>
/// Exactly floor(rows * columns * sparsity) weights of a block go, equal ones by row and column; the published code compares with "at most
/// the value at that index" and drops one more. With N:M sparsity each group of columns is chosen in each row when its turn comes.
/// </remarks>
internal static unsafe class SparseGpt
{
    /// <summary>Turns second moments into U.</summary>
    /// <param name="pool">Workers.</param>
    /// <param name="moments">H = X^T X; then U.</param>
    /// <param name="damping">Share of the mean of the diagonal that is added to it.</param>
    /// <param name="dead">Receives for each column whether its inputs were all 0: H_jj becomes 1 then, before the mean is taken.</param>
    /// <returns>False where H cannot be inverted with this damping.</returns>
    public static bool TryFactor(WorkerPool pool, SquareMatrix moments, double damping, Span<bool> dead)
    {
        var added = new double[moments.Size];
        double sum = 0;
        for (int i = 0; i < added.Length; i++)
        {
            dead[i] = moments[i, i] == 0;
            added[i] = dead[i] ? 1 : 0;
            sum += moments[i, i] + added[i];
        }

        double damp = damping * (sum / added.Length);
        for (int i = 0; i < added.Length; i++)
        {
            added[i] += damp;
        }

        return InverseCholesky.Factor(pool, moments, added);
    }

    /// <summary>Prunes a matrix in place.</summary>
    /// <param name="pool">Workers that share the rows.</param>
    /// <param name="weights">W [rows, stride of U]; padding is 0.</param>
    /// <param name="rows">Outputs.</param>
    /// <param name="factor">U.</param>
    /// <param name="dead">Columns without inputs, whose weights become 0.</param>
    /// <param name="sparsity">Share of each block that goes; without a meaning where there is a pattern.</param>
    /// <param name="pattern">How many of each group go, or null.</param>
    /// <param name="blockSize">Columns of a block; whole groups of the pattern.</param>
    /// <param name="cancellationToken">Looked at between blocks.</param>
    public static void Prune(
        WorkerPool pool,
        double* weights,
        int rows,
        SquareMatrix factor,
        ReadOnlySpan<bool> dead,
        double sparsity,
        SparsityPattern? pattern,
        int blockSize,
        CancellationToken cancellationToken)
    {
        DropDead(weights, rows, factor.Stride, dead);
        int width = Math.Min(blockSize, factor.Size);
        var scores = new double[pattern is null ? checked(rows * width) : 0];
        var dropped = new bool[checked(rows * width)];
        fixed (bool* marks = dropped)
        {
            for (int first = 0; first < factor.Size; first += width)
            {
                cancellationToken.ThrowIfCancellationRequested();
                int count = Math.Min(width, factor.Size - first);
                if (pattern is null)
                {
                    Score(weights, rows, factor, first, count, scores);
                    int drop = (int)Math.Floor((double)rows * count * sparsity);
                    LowestScores.Mark(scores.AsSpan(0, rows * count), drop, dropped.AsSpan(0, rows * count));
                }

                var job = new Job
                {
                    Weights = weights,
                    Rows = rows,
                    Factor = factor.Data,
                    Stride = factor.Stride,
                    First = first,
                    Count = count,
                    Dropped = marks,
                    Pattern = pattern,
                };
                pool.Run(ref job);
            }
        }
    }

    private static void DropDead(double* weights, int rows, nint stride, ReadOnlySpan<bool> dead)
    {
        for (int column = 0; column < dead.Length; column++)
        {
            if (dead[column])
            {
                for (int row = 0; row < rows; row++)
                {
                    weights[(row * stride) + column] = 0;
                }
            }
        }
    }

    private static void Score(double* weights, int rows, SquareMatrix factor, int first, int count, Span<double> scores)
    {
        for (int row = 0; row < rows; row++)
        {
            double* values = weights + ((nint)row * factor.Stride) + first;
            for (int i = 0; i < count; i++)
            {
                scores[(row * count) + i] = Cost(values[i], factor.Data[((nint)(first + i) * factor.Stride) + first + i]);
            }
        }
    }

    private static double Cost(double weight, double pivot) => weight / pivot * (weight / pivot);

    private struct Job : IParallelJob
    {
        private const int RowsAtOnce = 4;

        public double* Weights;
        public int Rows;
        public double* Factor;
        public int Stride;
        public int First;
        public int Count;
        public bool* Dropped;
        public SparsityPattern? Pattern;
        private int next;

        public void Execute(int worker, int workers)
        {
            var errors = new double[Count];
            var scores = new double[Pattern?.Group ?? 0];
            for (int start; (start = Interlocked.Add(ref next, RowsAtOnce) - RowsAtOnce) < Rows;)
            {
                for (int row = start; row < Math.Min(start + RowsAtOnce, Rows); row++)
                {
                    Prune(Weights + ((nint)row * Stride), new Span<bool>(Dropped + ((nint)row * Count), Count), errors, scores);
                }
            }
        }

        private readonly void Prune(double* row, Span<bool> dropped, double[] errors, double[] scores)
        {
            int end = First + Count;
            for (int i = 0; i < Count; i++)
            {
                int column = First + i;
                if (Pattern is { } pattern && i % pattern.Group == 0)
                {
                    for (int j = 0; j < scores.Length; j++)
                    {
                        scores[j] = Cost(row[column + j], Factor[((nint)(column + j) * Stride) + column + j]);
                    }

                    LowestScores.Mark(scores, pattern.Dropped, dropped.Slice(i, pattern.Group));
                }

                errors[i] = 0;
                if (dropped[i])
                {
                    double* factors = Factor + ((nint)column * Stride);
                    errors[i] = row[column] / factors[column];
                    row[column] = 0;
                    Subtract(row + column + 1, factors + column + 1, errors[i], end - column - 1);
                }
            }

            // The columns behind the block at once: each weight is loaded and stored once a strip, not once an error.
            int behind = end;
            for (; behind + (8 * Vector<double>.Count) <= Stride; behind += 8 * Vector<double>.Count)
            {
                SubtractStrip(row + behind, behind, errors);
            }

            for (int i = 0; i < Count && behind < Stride; i++)
            {
                Subtract(row + behind, Factor + ((nint)(First + i) * Stride) + behind, errors[i], Stride - behind);
            }
        }

        private readonly void SubtractStrip(double* row, int column, double[] errors)
        {
            int width = Vector<double>.Count;
            Vector<double> a = Vector.Load(row), b = Vector.Load(row + width);
            Vector<double> c = Vector.Load(row + (2 * width)), d = Vector.Load(row + (3 * width));
            Vector<double> e = Vector.Load(row + (4 * width)), f = Vector.Load(row + (5 * width));
            Vector<double> g = Vector.Load(row + (6 * width)), h = Vector.Load(row + (7 * width));
            for (int i = 0; i < errors.Length; i++)
            {
                if (errors[i] == 0)
                {
                    continue;
                }

                double* factors = Factor + ((nint)(First + i) * Stride) + column;
                var error = new Vector<double>(-errors[i]);
                a = Vector.FusedMultiplyAdd(error, Vector.Load(factors), a);
                b = Vector.FusedMultiplyAdd(error, Vector.Load(factors + width), b);
                c = Vector.FusedMultiplyAdd(error, Vector.Load(factors + (2 * width)), c);
                d = Vector.FusedMultiplyAdd(error, Vector.Load(factors + (3 * width)), d);
                e = Vector.FusedMultiplyAdd(error, Vector.Load(factors + (4 * width)), e);
                f = Vector.FusedMultiplyAdd(error, Vector.Load(factors + (5 * width)), f);
                g = Vector.FusedMultiplyAdd(error, Vector.Load(factors + (6 * width)), g);
                h = Vector.FusedMultiplyAdd(error, Vector.Load(factors + (7 * width)), h);
            }

            a.Store(row);
            b.Store(row + width);
            c.Store(row + (2 * width));
            d.Store(row + (3 * width));
            e.Store(row + (4 * width));
            f.Store(row + (5 * width));
            g.Store(row + (6 * width));
            h.Store(row + (7 * width));
        }

        private static void Subtract(double* row, double* factors, double error, int count)
        {
            if (error == 0)
            {
                return;
            }

            var errors = new Vector<double>(-error);
            int i = 0;
            for (; i + Vector<double>.Count <= count; i += Vector<double>.Count)
            {
                Vector.FusedMultiplyAdd(errors, Vector.Load(factors + i), Vector.Load(row + i)).Store(row + i);
            }

            for (; i < count; i++)
            {
                row[i] = Math.FusedMultiplyAdd(-error, factors[i], row[i]);
            }
        }
    }
}
