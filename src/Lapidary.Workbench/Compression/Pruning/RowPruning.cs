using Lapidary.Numerics;
using Lapidary.Numerics.Formats;
using Lapidary.Numerics.Threading;

namespace Lapidary.Workbench.Compression;

/// <summary>
/// Pruning that compares weights within a row, or within groups of its columns, by |W_ij| times a factor of the column: Wanda, and magnitude
/// where all factors are 1.
/// </summary>
internal static unsafe class RowPruning
{
    /// <summary>Sets the lowest weights of every row to 0.</summary>
    /// <param name="pool">Workers that share the rows.</param>
    /// <param name="matrix">The matrix.</param>
    /// <param name="factors">[columns], finite and not negative.</param>
    /// <param name="count">How many of a row go; without a meaning where there is a pattern.</param>
    /// <param name="pattern">How many of each group go, or null.</param>
    /// <returns>A copy, which the caller owns.</returns>
    /// <exception cref="Checkpoints.CheckpointException">A weight is not finite.</exception>
    public static Tensor Prune(WorkerPool pool, SelectedMatrix matrix, ReadOnlySpan<double> factors, int count, SparsityPattern? pattern)
    {
        Tensor pruned = PrunedCopy.Of(matrix.Weights);
        fixed (double* values = factors)
        {
            var job = new Job
            {
                Source = matrix.Weights, Target = pruned, Factors = values, Columns = matrix.Columns, Count = count, Pattern = pattern,
            };
            pool.Run(ref job);
            if (job.NonFiniteRows > 0)
            {
                pruned.Dispose();
                throw matrix.NotFinite();
            }
        }

        return pruned;
    }

    private struct Job : IParallelJob
    {
        private const int RowsAtOnce = 16;

        public Tensor Source;
        public Tensor Target;
        public double* Factors;
        public int Columns;
        public int Count;
        public SparsityPattern? Pattern;
        public int NonFiniteRows;
        private int next;

        public void Execute(int worker, int workers)
        {
            var weights = new float[Columns];
            var scores = new double[Columns];
            var dropped = new bool[Columns];
            for (int start; (start = Interlocked.Add(ref next, RowsAtOnce) - RowsAtOnce) < Source.Rows;)
            {
                for (int row = start; row < Math.Min(start + RowsAtOnce, Source.Rows); row++)
                {
                    fixed (float* decoded = weights)
                    {
                        WeightFormat.Of(Source.Type).Decode(Source.RowPointer(row), decoded, Columns);
                    }

                    if (!TryScore(weights, scores))
                    {
                        Interlocked.Increment(ref NonFiniteRows);
                        continue;
                    }

                    Mark(scores, dropped);
                    PrunedCopy.Drop(Target, row, dropped);
                }
            }
        }

        private readonly bool TryScore(float[] weights, double[] scores)
        {
            for (int i = 0; i < weights.Length; i++)
            {
                if (!float.IsFinite(weights[i]))
                {
                    return false;
                }

                scores[i] = Math.Abs((double)weights[i]) * Factors[i];
            }

            return true;
        }

        private readonly void Mark(Span<double> scores, Span<bool> dropped)
        {
            if (Pattern is not { } pattern)
            {
                LowestScores.Mark(scores, Count, dropped);
                return;
            }

            for (int i = 0; i < scores.Length; i += pattern.Group)
            {
                LowestScores.Mark(scores.Slice(i, pattern.Group), pattern.Dropped, dropped.Slice(i, pattern.Group));
            }
        }
    }
}
