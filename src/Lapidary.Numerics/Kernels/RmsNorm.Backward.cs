using System.Runtime.CompilerServices;
using Lapidary.Numerics.Simd;
using Lapidary.Numerics.Threading;

namespace Lapidary.Numerics.Kernels;

/// <content>
/// The gradient: with r = (mean(x^2) + epsilon)^(-1/2), y = x r g gives dx = r (g dy - x r^2 mean(g dy x)) and dg = sum over rows of
/// dy x r.
/// </content>
public static unsafe partial class RmsNorm
{
    // Rows whose gradients of the scale are added one after the other; the sums of the blocks are then added in the order of the rows.
    // Float32 is enough for both: n rows meet 64 + n / 64 roundings instead of n, at worst 2e-5 of the sum of the magnitudes
    // for 16,384 rows, and the gradient that they are added to is float32 itself.
    private const int RowBlock = 64;

    /// <summary>Gradients of <see cref="Forward"/>.</summary>
    /// <param name="pool">Workers that share the rows.</param>
    /// <param name="input">x [rows, width], the input of the forward pass.</param>
    /// <param name="scale">g [width].</param>
    /// <param name="outputGradient">dy [rows, width].</param>
    /// <param name="inputGradient">dx [rows, width]; may be <paramref name="outputGradient"/> unless it is added to.</param>
    /// <param name="accumulate">Whether dx is added to what is there; else it is written.</param>
    /// <param name="scaleGradient">dg [width], added to what is there; null where the scale is frozen.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="width">Length of a row.</param>
    /// <param name="epsilon">As in the forward pass.</param>
    public static void Backward(
        WorkerPool pool,
        float* input,
        float* scale,
        float* outputGradient,
        float* inputGradient,
        bool accumulate,
        float* scaleGradient,
        int rows,
        int width,
        float epsilon)
    {
        int blocks = (rows + RowBlock - 1) / RowBlock;
        var job = new BackwardJob
        {
            Pool = pool,
            Input = input,
            Scale = scale,
            OutputGradient = outputGradient,
            InputGradient = inputGradient,
            Accumulate = accumulate,
            ScaleGradient = scaleGradient,
            Rows = rows,
            Width = width,
            Epsilon = epsilon,
            BlockCount = blocks,
            Blocks = new SharedRows(blocks),
        };
        if (scaleGradient is not null)
        {
            pool.EnsureScratch((long)blocks * width * sizeof(float));
        }

        SharedWork.Run(pool, ref job, 2L * rows * width);
    }

    /// <summary>The backward pass in plain scalar code and double precision, for one row.</summary>
    /// <param name="input">x [width].</param>
    /// <param name="scale">g [width].</param>
    /// <param name="outputGradient">dy [width].</param>
    /// <param name="inputGradient">Receives dx [width].</param>
    /// <param name="scaleGradient">dg [width], added to what is there.</param>
    /// <param name="epsilon">As in the forward pass.</param>
    public static void BackwardReference(
        ReadOnlySpan<float> input,
        ReadOnlySpan<float> scale,
        ReadOnlySpan<float> outputGradient,
        Span<float> inputGradient,
        Span<double> scaleGradient,
        float epsilon)
    {
        double squares = 0, products = 0;
        for (int i = 0; i < input.Length; i++)
        {
            squares += (double)input[i] * input[i];
            products += (double)scale[i] * outputGradient[i] * input[i];
        }

        double r = 1 / Math.Sqrt((squares / input.Length) + epsilon);
        for (int i = 0; i < input.Length; i++)
        {
            scaleGradient[i] += outputGradient[i] * input[i] * r;
            inputGradient[i] = (float)(r * (((double)scale[i] * outputGradient[i]) - (input[i] * r * r * (products / input.Length))));
        }
    }

    private struct BackwardJob : IParallelJob, IParallelVectorKernel
    {
        public WorkerPool Pool;
        public float* Input;
        public float* Scale;
        public float* OutputGradient;
        public float* InputGradient;
        public bool Accumulate;
        public float* ScaleGradient;
        public int Rows;
        public int Width;
        public float Epsilon;
        public int BlockCount;
        public SharedRows Blocks;
        private int finishedBlocks;

        public void Execute(int worker, int workers) => VectorDispatch.Run(ref this, worker, workers);

        public void Run<V, TIsa>(int worker, int workers)
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            while (Blocks.TryTake(workers, out int start, out int end))
            {
                for (int block = start; block < end; block++)
                {
                    RunBlock<V, TIsa>(block);
                }

                // Whoever finishes the last block adds the blocks up: in their order, whoever that is.
                if (ScaleGradient is not null && Interlocked.Add(ref finishedBlocks, end - start) == BlockCount)
                {
                    AddBlocks<V, TIsa>();
                }
            }
        }

        // The caller's scratch memory holds the sums of all blocks; each is written by one worker.
        private readonly float* PartialSums(int block) => (float*)Pool.Scratch(0) + ((nint)block * Width);

        private readonly void RunBlock<V, TIsa>(int block)
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            float* partial = null;
            if (ScaleGradient is not null)
            {
                partial = PartialSums(block);
                new Span<float>(partial, Width).Clear();
            }

            int end = Math.Min(Rows, (block + 1) * RowBlock);
            for (int row = block * RowBlock; row < end; row++)
            {
                RunRow<V, TIsa>((nint)row * Width, partial);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void RunRow<V, TIsa>(nint offset, float* partial)
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            float* x = Input + offset;
            float* g = Scale;
            float* dy = OutputGradient + offset;
            float* dx = InputGradient + offset;
            int width = Width;
            bool accumulate = Accumulate;
            Sums<V, TIsa>(x, g, dy, width, out float squares, out float products);
            float r = 1f / MathF.Sqrt((squares / width) + Epsilon);
            float back = -r * r * r * (products / width);
            V rs = TIsa.Create(r), backs = TIsa.Create(back);
            int i = 0;
            for (; i + TIsa.Width <= width; i += TIsa.Width)
            {
                V value = TIsa.Load(x + i), gradient = TIsa.Multiply(TIsa.Load(dy + i), rs);
                V result = TIsa.MultiplyAdd(gradient, TIsa.Load(g + i), TIsa.Multiply(value, backs));
                TIsa.Store(dx + i, accumulate ? TIsa.Add(TIsa.Load(dx + i), result) : result);
                if (partial is not null)
                {
                    TIsa.Store(partial + i, TIsa.MultiplyAdd(gradient, value, TIsa.Load(partial + i)));
                }
            }

            for (; i < width; i++)
            {
                float gradient = dy[i] * r, result = (gradient * g[i]) + (x[i] * back);
                if (partial is not null)
                {
                    partial[i] += gradient * x[i];
                }

                dx[i] = accumulate ? dx[i] + result : result;
            }
        }

        // Sum of x^2 and of g dy x, each in two chains, so that the latency of the additions is covered.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Sums<V, TIsa>(float* x, float* g, float* dy, int width, out float squares, out float products)
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            V squares0 = TIsa.Zero, squares1 = TIsa.Zero, products0 = TIsa.Zero, products1 = TIsa.Zero;
            int i = 0;
            for (; i + (2 * TIsa.Width) <= width; i += 2 * TIsa.Width)
            {
                V x0 = TIsa.Load(x + i), x1 = TIsa.Load(x + i + TIsa.Width);
                squares0 = TIsa.MultiplyAdd(x0, x0, squares0);
                squares1 = TIsa.MultiplyAdd(x1, x1, squares1);
                products0 = TIsa.MultiplyAdd(TIsa.Multiply(TIsa.Load(g + i), TIsa.Load(dy + i)), x0, products0);
                products1 = TIsa.MultiplyAdd(TIsa.Multiply(TIsa.Load(g + i + TIsa.Width), TIsa.Load(dy + i + TIsa.Width)), x1, products1);
            }

            squares = TIsa.Sum(TIsa.Add(squares0, squares1));
            products = TIsa.Sum(TIsa.Add(products0, products1));
            for (; i < width; i++)
            {
                squares += x[i] * x[i];
                products += g[i] * dy[i] * x[i];
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void AddBlocks<V, TIsa>()
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            int i = 0;
            for (; i + TIsa.Width <= Width; i += TIsa.Width)
            {
                V sum = TIsa.Zero;
                for (int block = 0; block < BlockCount; block++)
                {
                    sum = TIsa.Add(sum, TIsa.Load(PartialSums(block) + i));
                }

                TIsa.Store(ScaleGradient + i, TIsa.Add(TIsa.Load(ScaleGradient + i), sum));
            }

            for (; i < Width; i++)
            {
                float sum = 0;
                for (int block = 0; block < BlockCount; block++)
                {
                    sum += PartialSums(block)[i];
                }

                ScaleGradient[i] += sum;
            }
        }
    }
}
