using System.Runtime.CompilerServices;
using Lapidary.Numerics.Simd;
using Lapidary.Numerics.Threading;

namespace Lapidary.Numerics.Kernels;

/// <summary>
/// The first half of the backward pass of <see cref="DocumentAttention"/>: from queries, the log-sum-exp of their scores and the gradient
/// of the output it finds the weights p and the gradients ds of the scores again, keeps both in the workspace, and writes the gradient
/// of the queries. A task is a run of rows of one block, as in the forward pass.
/// </summary>
internal unsafe struct DocumentQueryGradientJob : IParallelJob, IParallelVectorKernel
{
    public DocumentPlan Plan;
    public WorkerPool Pool;

    /// <summary>First of the blocks of queries, and their end.</summary>
    public int FirstBlock;
    public int BlockEnd;
    public float* Query;
    public float* Output;
    public float* LogSumExp;
    public float* OutputGradient;
    public float* QueryGradient;

    /// <summary>The planes of keys and of values, transposed, and of keys.</summary>
    public float* TransposedKeys;
    public float* TransposedValues;
    public float* Keys;

    /// <summary>Receives the tiles of p and ds, from the place of <see cref="FirstBlock"/> on.</summary>
    public float* Weights;
    public float* ScoreGradients;
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
        int taskCount = (BlockEnd - FirstBlock) * Plan.KeyHeads * runs;
        for (int task; (task = Interlocked.Increment(ref nextTask) - 1) < taskCount;)
        {
            // Later blocks of a document see more keys: the long tasks come first, so that none of them is the last to finish.
            int block = BlockEnd - 1 - (task / runs / Plan.KeyHeads), firstRow = task % runs * DocumentProducts.RunLength;
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
        var gradients = new GroupedRows(OutputGradient, block.FirstRow, Plan.Heads, head, Plan.Group, Plan.Dimension);
        queries.PackLeft<V, TIsa>(firstRow, rows, Scale, scratch.Queries, scratch.Gathered);
        gradients.PackLeft<V, TIsa>(firstRow, rows, 1, scratch.Gradients, scratch.Gathered);
        LoadRows<V, TIsa>(in scratch, in block, head, firstRow, rows);
        new Span<float>(scratch.Sums, rows * Plan.PaddedDimension).Clear();
        var products = new DocumentProducts(Plan, in block, firstRow, rows);
        long start = Plan[FirstBlock].WeightOffset;
        for (int keyBlock = block.FirstKeyBlock; keyBlock <= index; keyBlock++)
        {
            ref readonly DocumentBlock keys = ref Plan[keyBlock];
            nint offset = Plan.PlaneOffset(in keys, head);
            products.Scores<V, TIsa>(in keys, scratch.Queries, TransposedKeys + offset, scratch.Scores);
            products.Scores<V, TIsa>(in keys, scratch.Gradients, TransposedValues + offset, scratch.WeightGradients);
            nint tile = (nint)(Plan.TileOffset(in block, in keys, head) - start) + ((nint)firstRow * keys.PaddedKeys);
            for (int row = 0; row < rows; row++)
            {
                products.VisibleKeys(in keys, row, out int from, out int to);
                nint rowOffset = tile + ((nint)row * keys.PaddedKeys);
                DifferentiateRow<V, TIsa>(in scratch, row, keys.PaddedKeys, from, to, Weights + rowOffset, ScoreGradients + rowOffset);
            }

            products.AddWeighted<V, TIsa>(
                in keys, ScoreGradients + tile, keys.PaddedKeys, Keys + offset, scratch.Sums, scratch.PackedGradients);
        }

        var queryGradients = new GroupedRows(QueryGradient, block.FirstRow, Plan.Heads, head, Plan.Group, Plan.Dimension);
        for (int row = 0; row < rows; row++)
        {
            queryGradients.Write<V, TIsa>(firstRow + row, scratch.Sums + ((nint)row * Plan.PaddedDimension), Scale);
        }
    }

    // Per row its log-sum-exp and D = do . o, the mean of dp under the weights p (Dao et al. 2022, equation 4).
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void LoadRows<V, TIsa>(in Scratch scratch, in DocumentBlock block, int head, int firstRow, int rows)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        int dimension = Plan.Dimension;
        var outputs = new GroupedRows(Output, block.FirstRow, Plan.Heads, head, Plan.Group, dimension);
        var gradients = new GroupedRows(OutputGradient, block.FirstRow, Plan.Heads, head, Plan.Group, dimension);
        var logSumExps = new GroupedRows(LogSumExp, block.FirstRow, Plan.Heads, head, Plan.Group, 1);
        for (int row = 0; row < rows; row++)
        {
            float* output = outputs.Row(firstRow + row);
            float* gradient = gradients.Row(firstRow + row);
            V sums = TIsa.Zero;
            int d = 0;
            for (; d + TIsa.Width <= dimension; d += TIsa.Width)
            {
                sums = TIsa.MultiplyAdd(TIsa.Load(output + d), TIsa.Load(gradient + d), sums);
            }

            float sum = TIsa.Sum(sums);
            for (; d < dimension; d++)
            {
                sum += output[d] * gradient[d];
            }

            scratch.MeanGradients[row] = sum;
            scratch.LogSumExps[row] = *logSumExps.Row(firstRow + row);
        }
    }

    // p = e^(s - lse), ds = p (dp - D), taken through the cap; zero where the row does not see a key.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void DifferentiateRow<V, TIsa>(
        in Scratch scratch, int row, int length, int from, int to, float* weights, float* scoreGradients)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        if (from >= to)
        {
            new Span<float>(weights, length).Clear();
            new Span<float>(scoreGradients, length).Clear();
            return;
        }

        float* scores = scratch.Scores + (row * DocumentBlock.Length);
        float* weightGradients = scratch.WeightGradients + (row * DocumentBlock.Length);
        V logSumExp = TIsa.Create(scratch.LogSumExps[row]), mean = TIsa.Create(scratch.MeanGradients[row]);
        V inverseCap = TIsa.Create(Cap == 0 ? 0 : 1 / Cap);
        int end = (to + TIsa.Width - 1) / TIsa.Width * TIsa.Width;
        for (int k = from / TIsa.Width * TIsa.Width; k < end; k += TIsa.Width)
        {
            V score = TIsa.Load(scores + k);
            if (Cap != 0)
            {
                score = SoftCap.Apply<V, TIsa>(score, Cap);
            }

            V weight = VectorMath.Exp<V, TIsa>(TIsa.Subtract(score, logSumExp));
            V gradient = TIsa.Multiply(weight, TIsa.Subtract(TIsa.Load(weightGradients + k), mean));
            TIsa.Store(weights + k, weight);
            TIsa.Store(scoreGradients + k, Cap == 0 ? gradient : SoftCap.ApplyDerivative<V, TIsa>(gradient, score, inverseCap));
        }

        new Span<float>(weights, from).Clear();
        new Span<float>(weights + to, length - to).Clear();
        new Span<float>(scoreGradients, from).Clear();
        new Span<float>(scoreGradients + to, length - to).Clear();
    }

    /// <summary>The worker's scratch memory.</summary>
    private readonly struct Scratch
    {
        public Scratch(float* memory, DocumentPlan plan)
        {
            const int Rows = DocumentProducts.RunLength;
            Queries = memory;
            Gradients = Queries + ((nint)Rows * plan.Dimension);
            Gathered = Gradients + ((nint)Rows * plan.Dimension);
            Sums = Gathered + (16 * (nint)plan.Dimension);
            Scores = Sums + ((nint)Rows * plan.PaddedDimension);
            WeightGradients = Scores + (Rows * DocumentBlock.Length);
            PackedGradients = WeightGradients + (Rows * DocumentBlock.Length);
            // Packing stores whole vectors: the last may end beyond the weights.
            LogSumExps = PackedGradients + (Rows * DocumentBlock.Length) + 16;
            MeanGradients = LogSumExps + Rows;
            Length = MeanGradients + Rows - memory;
        }

        public float* Queries { get; }

        public float* Gradients { get; }

        public float* Gathered { get; }

        public float* Sums { get; }

        public float* Scores { get; }

        public float* WeightGradients { get; }

        public float* PackedGradients { get; }

        public float* LogSumExps { get; }

        public float* MeanGradients { get; }

        public long Length { get; }
    }
}
