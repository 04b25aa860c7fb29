using System.Runtime.CompilerServices;
using Lapidary.Numerics.Simd;
using Lapidary.Numerics.Threading;

namespace Lapidary.Numerics.Kernels;

/// <summary>Root-mean-square normalisation (Zhang and Sennrich 2019): y = x / sqrt(mean(x^2) + epsilon) * scale, per row.</summary>
public static unsafe partial class RmsNorm
{
    /// <summary>Normalises <paramref name="rows"/> rows of <paramref name="width"/>; output may be input.</summary>
    /// <param name="pool">Workers that share the rows.</param>
    /// <param name="input">x [rows, width].</param>
    /// <param name="scale">[width]: for Gemma 3 one plus the stored weight.</param>
    /// <param name="output">y [rows, width].</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="width">Length of a row.</param>
    /// <param name="epsilon">Added to the mean square.</param>
    /// <returns>
    /// Whether every row was finite. All values of a network pass through its norms, so this is where NaN and infinity are caught.
    /// </returns>
    public static bool Forward(WorkerPool pool, float* input, float* scale, float* output, int rows, int width, float epsilon)
    {
        var job = new Job { Input = input, Scale = scale, Output = output, Rows = new SharedRows(rows), Width = width, Epsilon = epsilon };
        SharedWork.Run(pool, ref job, (long)rows * width);
        return job.NonFiniteRows == 0;
    }

    /// <summary>The same in plain scalar code and double precision, for one row.</summary>
    public static void Reference(ReadOnlySpan<float> input, ReadOnlySpan<float> scale, Span<float> output, float epsilon)
    {
        double sum = 0;
        foreach (float x in input)
        {
            sum += (double)x * x;
        }

        double factor = 1 / Math.Sqrt((sum / input.Length) + epsilon);
        for (int i = 0; i < input.Length; i++)
        {
            output[i] = (float)(input[i] * factor * scale[i]);
        }
    }

    private struct Job : IParallelJob, IParallelVectorKernel
    {
        public float* Input;
        public float* Scale;
        public float* Output;
        public SharedRows Rows;
        public int Width;
        public float Epsilon;
        public int NonFiniteRows;

        public void Execute(int worker, int workers) => VectorDispatch.Run(ref this, worker, workers);

        public void Run<V, TIsa>(int worker, int workers)
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            while (Rows.TryTake(workers, out int start, out int end))
            {
                Normalise<V, TIsa>(start, end);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Normalise<V, TIsa>(int start, int end)
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            for (int row = start; row < end; row++)
            {
                float* x = Input + ((nint)row * Width);
                float* y = Output + ((nint)row * Width);
                V a = TIsa.Zero, b = TIsa.Zero;
                int i = 0;
                for (; i + (2 * TIsa.Width) <= Width; i += 2 * TIsa.Width)
                {
                    V u = TIsa.Load(x + i), v = TIsa.Load(x + i + TIsa.Width);
                    a = TIsa.MultiplyAdd(u, u, a);
                    b = TIsa.MultiplyAdd(v, v, b);
                }

                float sum = TIsa.Sum(TIsa.Add(a, b));
                for (; i < Width; i++)
                {
                    sum += x[i] * x[i];
                }

                if (!float.IsFinite(sum))
                {
                    Interlocked.Increment(ref NonFiniteRows);
                }

                float factor = 1f / MathF.Sqrt((sum / Width) + Epsilon);
                V factors = TIsa.Create(factor);
                for (i = 0; i + TIsa.Width <= Width; i += TIsa.Width)
                {
                    TIsa.Store(y + i, TIsa.Multiply(TIsa.Multiply(TIsa.Load(x + i), factors), TIsa.Load(Scale + i)));
                }

                for (; i < Width; i++)
                {
                    y[i] = x[i] * factor * Scale[i];
                }
            }
        }
    }
}
