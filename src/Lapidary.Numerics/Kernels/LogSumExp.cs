using System.Runtime.CompilerServices;
using Lapidary.Numerics.Simd;
using Lapidary.Numerics.Threading;

namespace Lapidary.Numerics.Kernels;

/// <summary>
/// The logarithm of the sum of e^x over each row, taken relative to the largest x: what is subtracted from a logit to make a
/// log-probability of it. Exponentials have float32 precision, their sum and its logarithm double precision.
/// </summary>
public static unsafe class LogSumExp
{
    // Exponentials that are added up in float32 before their sum goes on in double precision.
    private const int SumBlock = 512;

    /// <summary>Computes both numbers of each row. The logits stay as they are.</summary>
    /// <param name="pool">Workers that share the rows.</param>
    /// <param name="logits">x [rows, width].</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="width">Numbers of a row.</param>
    /// <param name="largest">The largest number of each row [rows].</param>
    /// <param name="logSums">log(sum of e^x) [rows]; NaN where a number of the row is NaN or infinite.</param>
    /// <exception cref="ArgumentException">A destination is too short.</exception>
    public static void Forward(WorkerPool pool, float* logits, int rows, int width, Span<float> largest, Span<double> logSums)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        if (largest.Length < rows || logSums.Length < rows)
        {
            throw new ArgumentException($"{rows} rows need as many places.", nameof(rows));
        }

        fixed (float* largestPointer = largest)
        fixed (double* sumPointer = logSums)
        {
            var job = new Job
            {
                Logits = logits, Width = width, Rows = new SharedRows(rows), Largest = largestPointer, LogSums = sumPointer,
            };
            SharedWork.Run(pool, ref job, 2L * rows * width);
        }
    }

    /// <summary>The same for one row in plain scalar code and double precision.</summary>
    public static double Reference(ReadOnlySpan<float> logits)
    {
        double maximum = double.NegativeInfinity;
        foreach (float x in logits)
        {
            maximum = Math.Max(maximum, x);
        }

        double sum = 0;
        foreach (float x in logits)
        {
            sum += Math.Exp(x - maximum);
        }

        return maximum + Math.Log(sum);
    }

    private struct Job : IParallelJob, IParallelVectorKernel
    {
        public float* Logits;
        public int Width;
        public SharedRows Rows;
        public float* Largest;
        public double* LogSums;

        public void Execute(int worker, int workers) => VectorDispatch.Run(ref this, worker, workers);

        public void Run<V, TIsa>(int worker, int workers)
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            while (Rows.TryTake(workers, out int start, out int end))
            {
                for (int row = start; row < end; row++)
                {
                    float* x = Logits + ((nint)row * Width);
                    bool finite = RowMaximum.TryFind<V, TIsa>(x, Width, out Largest[row]);
                    LogSums[row] = finite ? Largest[row] + Math.Log(Sum<V, TIsa>(x, Largest[row])) : double.NaN;
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly double Sum<V, TIsa>(float* x, float largest)
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            V offset = TIsa.Create(largest);
            double sum = 0;
            int whole = Width / TIsa.Width * TIsa.Width;
            for (int block = 0; block < whole; block += SumBlock)
            {
                V a = TIsa.Zero, b = TIsa.Zero;
                int end = Math.Min(whole, block + SumBlock);
                int i = block;
                for (; i + (2 * TIsa.Width) <= end; i += 2 * TIsa.Width)
                {
                    a = TIsa.Add(a, VectorMath.Exp<V, TIsa>(TIsa.Subtract(TIsa.Load(x + i), offset)));
                    b = TIsa.Add(b, VectorMath.Exp<V, TIsa>(TIsa.Subtract(TIsa.Load(x + i + TIsa.Width), offset)));
                }

                if (i < end)
                {
                    a = TIsa.Add(a, VectorMath.Exp<V, TIsa>(TIsa.Subtract(TIsa.Load(x + i), offset)));
                }

                sum += TIsa.Sum(TIsa.Add(a, b));
            }

            for (int i = whole; i < Width; i++)
            {
                sum += Math.Exp((double)x[i] - largest);
            }

            return sum;
        }
    }
}
