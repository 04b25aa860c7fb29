using Lapidary.Numerics;
using Lapidary.Numerics.Formats;
using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Threading;

namespace Lapidary.Workbench.Compression.Search;

/// <summary>Encodes whole matrices in memory and measures what that does to them.</summary>
internal static unsafe class EncodedMatrix
{
    /// <summary>A matrix in another type.</summary>
    /// <param name="pool">Workers that share the rows.</param>
    /// <param name="source">[rows, columns].</param>
    /// <param name="type">The type, whose blocks divide a row.</param>
    /// <param name="importance">What weighs the errors of the columns: [columns], or empty.</param>
    /// <exception cref="UnencodableValueException">A number is not finite, or too large for the type.</exception>
    public static Tensor Encode(WorkerPool pool, Tensor source, ElementType type, ReadOnlySpan<float> importance)
    {
        WeightFormat target = WeightFormat.Of(type);
        Tensor encoded = Tensor.Allocate(type, source.Shape.AsSpan());
        try
        {
            RowEncoder.Encode(
                pool, WeightFormat.Of(source.Type), source.Data, source.Rows, source.RowLength, target, target.BlockLength > 1 ? importance : [],
                encoded.Data, encoded.ByteLength);
            return encoded;
        }
        catch
        {
            encoded.Dispose();
            throw;
        }
    }

    /// <summary>
    /// The weighted error sum of w_c (x_rc - y_rc)^2 of a matrix against another of its shape, in double precision; the same for any number
    /// of workers.
    /// </summary>
    /// <param name="pool">Workers that share the rows.</param>
    /// <param name="x">[rows, columns].</param>
    /// <param name="y">[rows, columns].</param>
    /// <param name="weights">w [columns], or empty for 1.</param>
    public static double Error(WorkerPool pool, Tensor x, Tensor y, ReadOnlySpan<float> weights)
    {
        var sums = new double[(x.Rows + ErrorJob.RowsAtOnce - 1) / ErrorJob.RowsAtOnce];
        pool.EnsureScratch(2 * x.RowLength * sizeof(float));
        fixed (double* partial = sums)
        fixed (float* w = weights)
        {
            var job = new ErrorJob { Pool = pool, X = x, Y = y, Weights = w, Sums = partial };
            pool.Run(ref job);
        }

        double total = 0;
        foreach (double sum in sums)
        {
            total += sum;
        }

        return total;
    }

    // Workers take blocks of rows of a fixed length; the sums of the blocks are added in their order.
    private struct ErrorJob : IParallelJob
    {
        public const int RowsAtOnce = 64;

        public WorkerPool Pool;
        public Tensor X;
        public Tensor Y;
        public float* Weights;
        public double* Sums;
        private long taken;

        public void Execute(int worker, int workers)
        {
            int width = (int)X.RowLength;
            float* x = (float*)Pool.Scratch(worker), y = x + width;
            WeightFormat from = WeightFormat.Of(X.Type), to = WeightFormat.Of(Y.Type);
            for (long start = Take(); start < X.Rows; start = Take())
            {
                double sum = 0;
                for (long row = start; row < Math.Min(X.Rows, start + RowsAtOnce); row++)
                {
                    from.Decode(X.RowPointer(row), x, width);
                    to.Decode(Y.RowPointer(row), y, width);
                    sum += RowError(x, y, width);
                }

                Sums[start / RowsAtOnce] = sum;
            }
        }

        private long Take() => Interlocked.Add(ref taken, RowsAtOnce) - RowsAtOnce;

        private readonly double RowError(float* x, float* y, int width)
        {
            double sum = 0;
            for (int i = 0; i < width; i++)
            {
                double difference = (double)x[i] - y[i];
                sum += (Weights is null ? 1 : Weights[i]) * difference * difference;
            }

            return sum;
        }
    }
}
