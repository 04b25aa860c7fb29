using System.Runtime.CompilerServices;
using Lapidary.Numerics.Simd;
using Lapidary.Numerics.Threading;

namespace Lapidary.Numerics.Kernels;

/// <summary>
/// The forward pass of <see cref="DocumentAttention"/>. A task is a run of rows of one block that share a key-value head; it walks over
/// the blocks of keys that they see.
/// </summary>
internal unsafe struct DocumentForwardJob : IParallelJob, IParallelVectorKernel
{
    public DocumentPlan Plan;
    public WorkerPool Pool;
    public float* Query;

    /// <summary>The plane of keys, transposed.</summary>
    public float* Keys;

    /// <summary>The plane of values.</summary>
    public float* Values;
    public float* Output;
    public float* LogSumExp;
    public float Scale;

    /// <summary>Where the scores are capped; zero for no cap.</summary>
    public float Cap;
    private int nextTask;

    public static long ScratchBytes(DocumentPlan plan) => sizeof(float) * new Scratch(null, plan).Length;

    public void Execute(int worker, int workers) => VectorDispatch.Run(ref this, worker, workers);

    public void Run<V, TIsa>(int worker, int workers)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        var scratch = new Scratch((float*)Pool.Scratch(worker), Plan);
        int runs = Plan.RunsPerBlock;
        int taskCount = Plan.BlockCount * Plan.KeyHeads * runs;
        for (int task; (task = Interlocked.Increment(ref nextTask) - 1) < taskCount;)
        {
            // Later blocks of a document see more keys: the long tasks come first, so that none of them is the last to finish.
            int block = Plan.BlockCount - 1 - (task / runs / Plan.KeyHeads), firstRow = task % runs * DocumentProducts.RunLength;
            int rows = Math.Min(DocumentProducts.RunLength, Plan.RowsOf(in Plan[block]) - firstRow);
            if (rows > 0)
            {
                RunTask<V, TIsa>(in scratch, block, task / runs % Plan.KeyHeads, firstRow, rows);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void RunTask<V, TIsa>(in Scratch scratch, int index, int head, int firstRow, int rows)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        ref readonly DocumentBlock block = ref Plan[index];
        var queries = new GroupedRows(Query, block.FirstRow, Plan.Heads, head, Plan.Group, Plan.Dimension);
        queries.PackLeft<V, TIsa>(firstRow, rows, Scale, scratch.Queries, scratch.Gathered);
        new Span<float>(scratch.Sums, rows * Plan.PaddedDimension).Clear();
        new Span<float>(scratch.Totals, rows).Clear();
        new Span<float>(scratch.Largest, rows).Fill(float.NegativeInfinity);
        var products = new DocumentProducts(Plan, in block, firstRow, rows);
        for (int keyBlock = block.FirstKeyBlock; keyBlock <= index; keyBlock++)
        {
            ref readonly DocumentBlock keys = ref Plan[keyBlock];
            nint offset = Plan.PlaneOffset(in keys, head);
            products.Scores<V, TIsa>(in keys, scratch.Queries, Keys + offset, scratch.Scores);
            for (int row = 0; row < rows; row++)
            {
                products.VisibleKeys(in keys, row, out int from, out int to);
                OnlineSoftmax.AddBlock<V, TIsa>(
                    scratch.Scores + (row * DocumentBlock.Length),
                    keys.PaddedKeys,
                    from,
                    to,
                    Cap,
                    ref scratch.Largest[row],
                    ref scratch.Totals[row],
                    scratch.Sums + ((nint)row * Plan.PaddedDimension),
                    Plan.PaddedDimension);
            }

            products.AddWeighted<V, TIsa>(in keys, scratch.Scores, DocumentBlock.Length, Values + offset, scratch.Sums, scratch.Weights);
        }

        var outputs = new GroupedRows(Output, block.FirstRow, Plan.Heads, head, Plan.Group, Plan.Dimension);
        var logSumExps = new GroupedRows(LogSumExp, block.FirstRow, Plan.Heads, head, Plan.Group, 1);
        for (int row = 0; row < rows; row++)
        {
            float total = scratch.Totals[row];
            *logSumExps.Row(firstRow + row) = scratch.Largest[row] + MathF.Log(total);
            WriteOutput<V, TIsa>(scratch.Sums + ((nint)row * Plan.PaddedDimension), total, outputs.Row(firstRow + row), Plan.Dimension);
        }
    }

    // A division, not a product with the reciprocal: the same bits as in inference.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void WriteOutput<V, TIsa>(float* sums, float total, float* output, int dimension)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        V totals = TIsa.Create(total);
        int d = 0;
        for (; d + TIsa.Width <= dimension; d += TIsa.Width)
        {
            TIsa.Store(output + d, TIsa.Divide(TIsa.Load(sums + d), totals));
        }

        for (; d < dimension; d++)
        {
            output[d] = sums[d] / total;
        }
    }

    /// <summary>The worker's scratch memory.</summary>
    private readonly struct Scratch
    {
        public Scratch(float* memory, DocumentPlan plan)
        {
            const int Rows = DocumentProducts.RunLength;
            Queries = memory;
            Gathered = Queries + ((nint)Rows * plan.Dimension);
            Sums = Gathered + (16 * (nint)plan.Dimension);
            Scores = Sums + ((nint)Rows * plan.PaddedDimension);
            Weights = Scores + (Rows * DocumentBlock.Length);
            // Packing stores whole vectors: the last may end beyond the weights.
            Totals = Weights + (Rows * DocumentBlock.Length) + 16;
            Largest = Totals + Rows;
            Length = Largest + Rows - memory;
        }

        public float* Queries { get; }

        public float* Gathered { get; }

        public float* Sums { get; }

        public float* Scores { get; }

        public float* Weights { get; }

        public float* Totals { get; }

        public float* Largest { get; }

        public long Length { get; }
    }
}
