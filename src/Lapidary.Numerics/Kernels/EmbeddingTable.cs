using System.Runtime.CompilerServices;
using Lapidary.Numerics.Simd;
using Lapidary.Numerics.Threading;

namespace Lapidary.Numerics.Kernels;

/// <summary>The table of token embeddings [vocabulary, width], of which a forward pass looks up scale * table[token].</summary>
public static unsafe class EmbeddingTable
{
    /// <summary>
    /// Adds the gradients of looked-up rows to the gradient of the table: tableGradient[tokens[i]] += scale * outputGradient[i]. Every
    /// row of the table is summed in the order of i: workers share the rows of the table, not those of the gradient.
    /// </summary>
    /// <param name="pool">Workers that share the rows of the table.</param>
    /// <param name="outputGradient">[tokens, width].</param>
    /// <param name="tokens">Row of the table for each row of the gradient; a negative one is skipped (an input that was not looked up).</param>
    /// <param name="scale">Factor of the lookup.</param>
    /// <param name="tableGradient">[vocabulary, width], with a row for every token that occurs.</param>
    /// <param name="width">Length of a row.</param>
    public static void Backward(
        WorkerPool pool, float* outputGradient, ReadOnlySpan<int> tokens, float scale, float* tableGradient, int width)
    {
        fixed (int* pinned = tokens)
        {
            var job = new Job
            {
                OutputGradient = outputGradient,
                Tokens = pinned,
                TokenCount = tokens.Length,
                Scale = scale,
                TableGradient = tableGradient,
                Width = width,
            };
            SharedWork.Run(pool, ref job, 2L * tokens.Length * width);
        }
    }

    /// <summary>The same in plain scalar code; sums in double precision, one row of the table after another.</summary>
    public static void BackwardReference(
        ReadOnlySpan<float> outputGradient, ReadOnlySpan<int> tokens, float scale, Span<float> tableGradient, int width)
    {
        for (int at = 0; at < tableGradient.Length; at++)
        {
            double sum = tableGradient[at];
            for (int i = 0; i < tokens.Length; i++)
            {
                sum += tokens[i] == at / width ? (double)scale * outputGradient[(i * width) + (at % width)] : 0;
            }

            tableGradient[at] = (float)sum;
        }
    }

    private struct Job : IParallelJob, IParallelVectorKernel
    {
        // Parts of the table per worker: one that is late or slow leaves some of its share to the others.
        private const int PartsPerWorker = 2;

        public float* OutputGradient;
        public int* Tokens;
        public int TokenCount;
        public float Scale;
        public float* TableGradient;
        public int Width;
        private int nextPart;

        public void Execute(int worker, int workers) => VectorDispatch.Run(ref this, worker, workers);

        public void Run<V, TIsa>(int worker, int workers)
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            int parts = workers == 1 ? 1 : workers * PartsPerWorker;
            for (int part; (part = Interlocked.Increment(ref nextPart) - 1) < parts;)
            {
                Scatter<V, TIsa>(part, parts);
            }
        }

        // Every part walks over all tokens: a division for each costs little beside the row that it leads to.
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Scatter<V, TIsa>(int part, int parts)
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            int width = Width;
            V scale = TIsa.Create(Scale);
            for (int i = 0; i < TokenCount; i++)
            {
                int token = Tokens[i];
                if (token < 0 || token % parts != part)
                {
                    continue;
                }

                float* gradient = OutputGradient + ((nint)i * width);
                float* row = TableGradient + ((nint)token * width);
                int column = 0;
                for (; column + TIsa.Width <= width; column += TIsa.Width)
                {
                    TIsa.Store(row + column, TIsa.MultiplyAdd(TIsa.Load(gradient + column), scale, TIsa.Load(row + column)));
                }

                for (; column < width; column++)
                {
                    row[column] += gradient[column] * Scale;
                }
            }
        }
    }
}
