using System.Runtime.CompilerServices;
using Lapidary.Numerics.Simd;
using Lapidary.Numerics.Threading;

namespace Lapidary.Numerics.Kernels;

/// <summary>
/// The second half of a low-rank update (Hu et al. 2021; with factors of the rows, Liu et al. 2024): y = f * y + z B, where z = x transpose(A)
/// is the reduced input. B lies transposed, so that every step of the short sum over the rank is a vector along the outputs, and the
/// product, the factors and the sum with y are one walk over y.
/// </summary>
public static unsafe class LowRankAdd
{
    /// <summary>Outputs that are computed together: rows of B and the factors are zero-filled to a multiple of it.</summary>
    public const int Unit = 64;

    // Rows of y that a task takes: enough to use a unit of B several times, few enough that narrow outputs are shared too.
    private const int RowBlock = 32;

    /// <summary>output[i, j] = factors[j] * output[i, j] + the sum over k of reduced[i, k] * b[k, j], in the order of k.</summary>
    /// <param name="pool">Workers that share the outputs.</param>
    /// <param name="reduced">z [<paramref name="rows"/>, <paramref name="rank"/>].</param>
    /// <param name="rows">Rows of z and of y.</param>
    /// <param name="rank">Length of a row of z.</param>
    /// <param name="b">[rank, width filled up to whole <see cref="Unit"/>s].</param>
    /// <param name="factors">f, as long as a row of <paramref name="b"/>; null for ones.</param>
    /// <param name="output">y [rows, width].</param>
    /// <param name="width">Length of a row of y.</param>
    public static void Forward(WorkerPool pool, float* reduced, int rows, int rank, float* b, float* factors, float* output, int width)
    {
        var job = new Job { Reduced = reduced, Rows = rows, Rank = rank, B = b, Factors = factors, Output = output, Width = width };
        job.Plan();
        SharedWork.Run(pool, ref job, (long)rows * width * (rank + 4) / 8);
    }

    /// <summary>Length of a row of b for a width of the output.</summary>
    public static int Stride(int width) => checked((width + Unit - 1) / Unit * Unit);

    /// <summary>The same for one row in plain scalar code and double precision.</summary>
    public static void Reference(ReadOnlySpan<float> reduced, ReadOnlySpan<float> b, ReadOnlySpan<float> factors, Span<float> output)
    {
        int stride = Stride(output.Length);
        for (int j = 0; j < output.Length; j++)
        {
            double sum = (double)output[j] * (factors.IsEmpty ? 1 : factors[j]);
            for (int k = 0; k < reduced.Length; k++)
            {
                sum += (double)reduced[k] * b[(k * stride) + j];
            }

            output[j] = (float)sum;
        }
    }

    private struct Job : IParallelJob, IParallelVectorKernel
    {
        public float* Reduced;
        public int Rows;
        public int Rank;
        public float* B;
        public float* Factors;
        public float* Output;
        public int Width;
        private int units;
        private int taskCount;
        private int nextTask;

        public void Plan()
        {
            units = (Width + Unit - 1) / Unit;
            taskCount = checked(units * ((Rows + RowBlock - 1) / RowBlock));
        }

        public void Execute(int worker, int workers) => VectorDispatch.Run(ref this, worker, workers);

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<V, TIsa>(int worker, int workers)
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            float* part = stackalloc float[Unit];
            for (int task; (task = Interlocked.Increment(ref nextTask) - 1) < taskCount;)
            {
                int column = task % units * Unit;
                int firstRow = task / units * RowBlock;
                int present = Math.Min(Unit, Width - column);
                int end = Math.Min(Rows, firstRow + RowBlock);
                for (int row = firstRow; row < end; row++)
                {
                    float* y = Output + ((nint)row * Width) + column;
                    if (present == Unit)
                    {
                        Add<V, TIsa>(Reduced + ((nint)row * Rank), column, y);
                        continue;
                    }

                    // The last, partial unit goes through the same instructions on a copy.
                    new ReadOnlySpan<float>(y, present).CopyTo(new Span<float>(part, Unit));
                    Add<V, TIsa>(Reduced + ((nint)row * Rank), column, part);
                    new ReadOnlySpan<float>(part, present).CopyTo(new Span<float>(y, present));
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly void Add<V, TIsa>(float* z, int column, float* y)
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            nint stride = Stride(Width);
            for (int i = 0; i < Unit; i += 4 * TIsa.Width)
            {
                V a = TIsa.Load(y + i);
                V b = TIsa.Load(y + i + TIsa.Width);
                V c = TIsa.Load(y + i + (2 * TIsa.Width));
                V d = TIsa.Load(y + i + (3 * TIsa.Width));
                if (Factors != null)
                {
                    float* f = Factors + column + i;
                    a = TIsa.Multiply(a, TIsa.Load(f));
                    b = TIsa.Multiply(b, TIsa.Load(f + TIsa.Width));
                    c = TIsa.Multiply(c, TIsa.Load(f + (2 * TIsa.Width)));
                    d = TIsa.Multiply(d, TIsa.Load(f + (3 * TIsa.Width)));
                }

                float* row = B + column + i;
                for (int k = 0; k < Rank; k++, row += stride)
                {
                    V factor = TIsa.Create(z[k]);
                    a = TIsa.MultiplyAdd(factor, TIsa.Load(row), a);
                    b = TIsa.MultiplyAdd(factor, TIsa.Load(row + TIsa.Width), b);
                    c = TIsa.MultiplyAdd(factor, TIsa.Load(row + (2 * TIsa.Width)), c);
                    d = TIsa.MultiplyAdd(factor, TIsa.Load(row + (3 * TIsa.Width)), d);
                }

                TIsa.Store(y + i, a);
                TIsa.Store(y + i + TIsa.Width, b);
                TIsa.Store(y + i + (2 * TIsa.Width), c);
                TIsa.Store(y + i + (3 * TIsa.Width), d);
            }
        }
    }
}
