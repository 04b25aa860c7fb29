using System.Runtime.CompilerServices;
using Lapidary.Numerics.Formats;
using Lapidary.Numerics.Memory;
using Lapidary.Numerics.Simd;
using Lapidary.Numerics.Threading;

namespace Lapidary.Numerics.Kernels;

/// <summary>
/// Products of activations with weights of any format: C = A * transpose(W). Owns the workspace, so that a product allocates nothing
/// once the workspace has grown to the largest input.
/// </summary>
public sealed unsafe class MatrixProduct : IDisposable
{
    private readonly WorkerPool pool;
    private readonly NativeMemoryBlock?[] prepared = new NativeMemoryBlock?[4];
    private NativeMemoryBlock? packed;

    /// <summary>A product that runs on <paramref name="pool"/>.</summary>
    public MatrixProduct(WorkerPool pool) => this.pool = pool;

    /// <summary>
    /// The product of prompt processing, in float32: each output element is one chain of multiply-adds along the inner dimension, so
    /// a row of the output depends on nothing but its own row of the input.
    /// </summary>
    /// <param name="input">A [<paramref name="rows"/>, <paramref name="inner"/>], rows contiguous.</param>
    /// <param name="rows">Rows of A.</param>
    /// <param name="inner">Length of the rows of A and of all weights.</param>
    /// <param name="targets">One to three weights and where their products go.</param>
    public void Multiply(float* input, int rows, int inner, params ReadOnlySpan<ProductTarget> targets)
    {
        Grow(ref packed, (long)rows * inner * sizeof(float));
        var packing = new PackInputJob
        {
            Input = input, Rows = rows, Inner = inner, Packed = (float*)packed!.Pointer,
        };
        var product = new ProductJob
        {
            Rows = rows, Inner = inner, Packed = packing.Packed, Pool = pool, Targets = ProductTargets.From(targets), TargetCount = targets.Length,
        };
        product.Plan();
        pool.EnsureScratch(ProductJob.ScratchBytes);
        SharedWork.Run(pool, ref packing, (long)rows * inner);

        // A core does about sixteen multiply-adds in the time in which it passes over one element.
        SharedWork.Run(pool, ref product, (long)rows * inner * product.TotalColumns / 16);
    }

    /// <summary>
    /// The product of decoding: one row of input, with the fast kernels of the formats, which sum in another order and, for block
    /// formats, round the input to 8 bits.
    /// </summary>
    /// <param name="input">x [<paramref name="inner"/>].</param>
    /// <param name="inner">Length of x and of the rows of all weights.</param>
    /// <param name="targets">One to three weights and where their products go.</param>
    public void MultiplyVector(float* input, int inner, params ReadOnlySpan<ProductTarget> targets)
    {
        var job = new VectorJob { Targets = ProductTargets.From(targets), TargetCount = targets.Length };
        int layouts = 0;
        for (int i = 0; i < targets.Length; i++)
        {
            ActivationLayout layout = targets[i].Format.Activations;
            if ((layouts & (1 << (int)layout)) == 0)
            {
                layouts |= 1 << (int)layout;
                Grow(ref prepared[(int)layout], Activations.BytesFor(layout, inner));
                job.Inputs[(int)layout] = Activations.Prepare(layout, input, inner, prepared[(int)layout]!.Pointer);
            }
        }

        job.Plan(pool.ThreadCount);
        SharedWork.Run(pool, ref job, (long)inner * job.TotalRows / 4);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        packed?.Dispose();
        foreach (NativeMemoryBlock? block in prepared)
        {
            block?.Dispose();
        }
    }

    private static void Grow(ref NativeMemoryBlock? block, long byteLength)
    {
        if (block is null || block.ByteLength < byteLength)
        {
            block?.Dispose();
            block = new NativeMemoryBlock(byteLength);
        }
    }

    [InlineArray(4)]
    private struct PreparedInputs
    {
        private Activations first;
    }

    /// <summary>Rows of weights, a few hundred kilobytes at a time, times one vector.</summary>
    private struct VectorJob : IParallelJob
    {
        public ProductTargets Targets;
        public int TargetCount;
        public PreparedInputs Inputs;
        public int TotalRows;
        private int rowsPerTask;
        private int taskCount;
        private int nextTask;

        public void Plan(int workers)
        {
            for (int i = 0; i < TargetCount; i++)
            {
                TotalRows += Targets[i].RowCount;
            }

            // Enough tasks that a worker that was held up does not hold up the others, large enough to stream.
            rowsPerTask = Math.Clamp(TotalRows / (workers * 8), 16, 2048) & ~1;
            for (int i = 0; i < TargetCount; i++)
            {
                taskCount += (Targets[i].RowCount + rowsPerTask - 1) / rowsPerTask;
            }
        }

        public void Execute(int worker, int workers)
        {
            for (int task; (task = Interlocked.Increment(ref nextTask) - 1) < taskCount;)
            {
                int target = 0;
                int tasks;
                while (task >= (tasks = (Targets[target].RowCount + rowsPerTask - 1) / rowsPerTask))
                {
                    task -= tasks;
                    target++;
                }

                ref readonly ProductTarget weights = ref Targets[target];
                int row = task * rowsPerTask;
                int count = Math.Min(rowsPerTask, weights.RowCount - row);
                ref readonly Activations x = ref Inputs[(int)weights.Format.Activations];
                weights.Format.MultiplyRows(weights.Rows + (row * weights.RowBytes), weights.RowBytes, count, in x, weights.Output + row);
            }
        }
    }
}
