using Lapidary.Numerics.Formats;
using Lapidary.Numerics.Memory;
using Lapidary.Numerics.Sparse;
using Lapidary.Numerics.Threading;

namespace Lapidary.Numerics.Kernels;

/// <summary>
/// Products of activations with weights of any format, C = A * transpose(W), and the gradients of these products. Owns the workspace,
/// so that a product allocates nothing once the workspace has grown to the largest input.
/// </summary>
public sealed unsafe partial class MatrixProduct : IDisposable
{
    private readonly WorkerPool pool;
    private readonly NativeMemoryBlock?[] prepared = new NativeMemoryBlock?[4];
    private readonly Activations[][] inputs = [new Activations[1], new Activations[1], new Activations[1], new Activations[1]];
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
            Input = input, Stride = inner, Rows = rows, Inner = inner, Packed = (float*)packed!.Pointer,
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
    public void MultiplyVector(float* input, int inner, params ReadOnlySpan<ProductTarget> targets) =>
        MultiplyVectors(input, 1, inner, targets);

    /// <summary>
    /// The same product for several rows of input. Each row's product has the bits that it has alone; what the rows share is the way
    /// of the weights through memory.
    /// </summary>
    /// <param name="input">[<paramref name="rows"/>, <paramref name="inner"/>], rows contiguous.</param>
    /// <param name="rows">Rows of the input.</param>
    /// <param name="inner">Length of the rows of the input and of all weights.</param>
    /// <param name="targets">One to three weights and where their products go.</param>
    public void MultiplyVectors(float* input, int rows, int inner, params ReadOnlySpan<ProductTarget> targets)
    {
        var job = new VectorJob
        {
            Targets = ProductTargets.From(targets), TargetCount = targets.Length, InputRows = rows, Inputs = inputs, Pool = pool,
        };
        int layouts = 0;
        long spreadBytes = 0;
        for (int i = 0; i < targets.Length; i++)
        {
            ActivationLayout layout = targets[i].Format.Activations;
            if ((layouts & (1 << (int)layout)) == 0)
            {
                layouts |= 1 << (int)layout;
                PrepareRows(layout, input, rows, inner);
            }

            spreadBytes = Math.Max(spreadBytes, targets[i].Sparse?.SpreadBytes ?? 0);
        }

        if (rows > 1 && spreadBytes > 0)
        {
            pool.EnsureScratch(spreadBytes);
        }

        job.Plan(pool.ThreadCount);
        SharedWork.Run(pool, ref job, (long)rows * inner * job.TotalRows / 4);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        packed?.Dispose();
        chain?.Dispose();
        foreach (NativeMemoryBlock? block in prepared)
        {
            block?.Dispose();
        }
    }

    private void PrepareRows(ActivationLayout layout, float* input, int rows, int inner)
    {
        long bytes = Activations.BytesFor(layout, inner);
        Grow(ref prepared[(int)layout], bytes * rows);
        if (inputs[(int)layout].Length < rows)
        {
            inputs[(int)layout] = new Activations[rows];
        }

        for (int row = 0; row < rows; row++)
        {
            inputs[(int)layout][row] = Activations.Prepare(
                layout, input + ((nint)row * inner), inner, prepared[(int)layout]!.Pointer + (row * (nint)bytes));
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

    /// <summary>Rows of weights, a few hundred kilobytes at a time, times one or more vectors.</summary>
    private struct VectorJob : IParallelJob
    {
        // What stays in the second-level cache of a core while each vector in turn meets it.
        private const int SharedBytes = 128 * 1024;

        public ProductTargets Targets;
        public int TargetCount;
        public int InputRows;
        public Activations[][] Inputs;
        public WorkerPool Pool;
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
                ReadOnlySpan<Activations> vectors = Inputs[(int)weights.Format.Activations].AsSpan(0, InputRows);
                if (weights.Sparse is { } sparse)
                {
                    MultiplySparse(in weights, sparse, row, count, vectors, vectors.Length == 1 ? null : Pool.Scratch(worker));
                    continue;
                }

                // Kernels take rows in pairs, hence the even number.
                int together = vectors.Length == 1 ? count : (int)Math.Clamp(SharedBytes / weights.RowBytes, 2, count + 1) & ~1;
                for (int first = row; first < row + count; first += together)
                {
                    int present = Math.Min(together, row + count - first);
                    MultiplyRows(in weights, weights.Rows + (first * weights.RowBytes), first, present, vectors);
                }
            }
        }

        private static void MultiplySparse(
            in ProductTarget weights, SparseMatrix sparse, int row, int count, ReadOnlySpan<Activations> vectors, byte* buffer)
        {
            if (vectors.Length == 1)
            {
                sparse.MultiplyRows(row, count, in vectors[0], weights.Output + row);
                return;
            }

            // Several vectors share the work of spreading.
            int together = sparse.SpreadRows;
            for (int first = row; first < row + count; first += together)
            {
                int present = Math.Min(together, row + count - first);
                sparse.Spread(first, present, buffer);
                MultiplyRows(in weights, buffer, first, present, vectors);
            }
        }

        // Rows of the weights, which lie at an address, times every vector.
        private static void MultiplyRows(in ProductTarget weights, byte* rows, int first, int count, ReadOnlySpan<Activations> vectors)
        {
            for (int i = 0; i < vectors.Length; i++)
            {
                weights.Format.MultiplyRows(
                    rows, weights.RowBytes, count, in vectors[i], weights.Output + (i * weights.OutputStride) + first);
            }
        }
    }
}
