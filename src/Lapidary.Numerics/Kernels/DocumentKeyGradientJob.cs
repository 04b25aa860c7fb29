using System.Runtime.CompilerServices;
using Lapidary.Numerics.Simd;
using Lapidary.Numerics.Threading;

namespace Lapidary.Numerics.Kernels;

/// <summary>
/// The second half of the backward pass of <see cref="DocumentAttention"/>: dv = transpose(p) do and dk = transpose(ds) (scale * q), from
/// the tiles that <see cref="DocumentQueryGradientJob"/> has left. A task is one of the two for one block of keys and one key-value
/// head; it adds the rows of all queries that see the keys, in their order.
/// </summary>
internal unsafe struct DocumentKeyGradientJob : IParallelJob, IParallelVectorKernel
{
    // Rows of queries at a time: with 128 x 256 of them, as many weights for 64 keys and their sums, within half a megabyte.
    private const int RunLength = 128;

    public DocumentPlan Plan;
    public WorkerPool Pool;

    /// <summary>First of the blocks of queries whose tiles there are, and their end.</summary>
    public int FirstBlock;
    public int BlockEnd;
    public float* Query;
    public float* OutputGradient;
    public float* KeyGradient;
    public float* ValueGradient;
    public float* Weights;
    public float* ScoreGradients;
    public float Scale;
    private int nextTask;

    public static long ScratchBytes(DocumentPlan plan) => sizeof(float) * new Scratch(null, plan).Length;

    public void Execute(int worker, int workers) => VectorDispatch.Run(ref this, worker, workers);

    public void Run<V, TIsa>(int worker, int workers)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        var scratch = new Scratch((float*)Pool.Scratch(worker), Plan);
        // The queries of this region see the keys of their own blocks and of earlier ones of the first document.
        int firstKeyBlock = Plan[FirstBlock].FirstKeyBlock;
        int taskCount = (BlockEnd - firstKeyBlock) * Plan.KeyHeads * 2;
        for (int task; (task = Interlocked.Increment(ref nextTask) - 1) < taskCount;)
        {
            int keyBlock = firstKeyBlock + (task / 2 / Plan.KeyHeads), head = task / 2 % Plan.KeyHeads;
            if (task % 2 == 0)
            {
                RunTask<V, TIsa>(in scratch, keyBlock, head, Weights, OutputGradient, 1, ValueGradient);
            }
            else
            {
                RunTask<V, TIsa>(in scratch, keyBlock, head, ScoreGradients, Query, Scale, KeyGradient);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void RunTask<V, TIsa>(
        in Scratch scratch, int keyBlock, int head, float* weights, float* queryRows, float factor, float* gradient)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        ref readonly DocumentBlock keys = ref Plan[keyBlock];
        var gradients = new GroupedRows(gradient, keys.FirstRow, Plan.KeyHeads, head, 1, Plan.Dimension);
        int paddedDimension = Plan.PaddedDimension;
        new Span<float>(scratch.Sums, keys.Tokens * paddedDimension).Clear();
        if (keyBlock < FirstBlock)
        {
            // An earlier region has begun this sum: it goes on, element by element, as if it had not been interrupted.
            for (int key = 0; key < keys.Tokens; key++)
            {
                new ReadOnlySpan<float>(gradients.Row(key), Plan.Dimension)
                    .CopyTo(new Span<float>(scratch.Sums + ((nint)key * paddedDimension), Plan.Dimension));
            }
        }

        int end = Math.Min(BlockEnd, keys.QueryBlockEnd);
        for (int queryBlock = Math.Max(FirstBlock, keyBlock); queryBlock < end; queryBlock++)
        {
            ref readonly DocumentBlock queries = ref Plan[queryBlock];
            var rows = new GroupedRows(queryRows, queries.FirstRow, Plan.Heads, head, Plan.Group, Plan.Dimension);
            float* tile = weights + (nint)(Plan.TileOffset(in queries, in keys, head) - Plan[FirstBlock].WeightOffset);
            for (int row = 0; row < Plan.RowsOf(in queries); row += RunLength)
            {
                int count = Math.Min(RunLength, Plan.RowsOf(in queries) - row);
                rows.PackRight<V, TIsa>(row, count, factor, scratch.Rows, RunLength);
                AddRun<V, TIsa>(in scratch, in keys, in queries, row, count, tile + ((nint)row * keys.PaddedKeys));
            }
        }

        for (int key = 0; key < keys.Tokens; key++)
        {
            gradients.Write<V, TIsa>(key, scratch.Sums + ((nint)key * paddedDimension), 1);
        }
    }

    // sums[key] += sum over a run of rows of weights[row, key] * rows[row]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void AddRun<V, TIsa>(
        in Scratch scratch, in DocumentBlock keys, in DocumentBlock queries, int firstRow, int count, float* tile)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        int panelWidth = 2 * TIsa.Width, paddedDimension = Plan.PaddedDimension;
        for (int key = 0; key < keys.Tokens; key += TIsa.ProductRows)
        {
            int panelKeys = Math.Min(TIsa.ProductRows, keys.Tokens - key);
            VisibleRows(in keys, in queries, key, panelKeys, firstRow, count, out int from, out int to);
            PackColumns<V, TIsa>(
                tile + ((nint)from * keys.PaddedKeys) + key, keys.PaddedKeys, panelKeys, to - from, scratch.Weights + (key * RunLength));
        }

        for (int column = 0; column < paddedDimension; column += panelWidth)
        {
            float* panel = scratch.Rows + ((nint)column * RunLength);
            for (int key = 0; key < keys.Tokens; key += TIsa.ProductRows)
            {
                int panelKeys = Math.Min(TIsa.ProductRows, keys.Tokens - key);
                VisibleRows(in keys, in queries, key, panelKeys, firstRow, count, out int from, out int to);
                if (from < to)
                {
                    ProductTileRows.Multiply<V, TIsa>(
                        panelKeys,
                        scratch.Weights + (key * RunLength),
                        panel + ((nint)from * panelWidth),
                        panelWidth,
                        scratch.Sums + ((nint)key * paddedDimension) + column,
                        paddedDimension,
                        to - from,
                        accumulate: true);
                }
            }
        }
    }

    // The rows of a run whose tokens see any key of a panel: those from the first key on, to a window beyond the last.
    private readonly void VisibleRows(
        in DocumentBlock keys, in DocumentBlock queries, int key, int panelKeys, int firstRow, int count, out int from, out int to)
    {
        long firstToken = (long)keys.Position + key - queries.Position;
        long tokenEnd = firstToken + panelKeys - 1 + Plan.Window;
        from = (int)Math.Clamp((firstToken * Plan.Group) - firstRow, 0, count);
        to = (int)Math.Clamp((tokenEnd * Plan.Group) - firstRow, from, count);
    }

    // packed[row * keys + i] = source[row * stride + i]. Whole vectors where they cover the keys: what is stored too much is overwritten by
    // the next row, or lies behind the panel.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackColumns<V, TIsa>(float* source, int stride, int keys, int rows, float* packed)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        if (keys <= TIsa.Width)
        {
            for (int row = 0; row < rows; row++, source += stride, packed += keys)
            {
                TIsa.Store(packed, TIsa.Load(source));
            }
        }
        else
        {
            for (int row = 0; row < rows; row++, source += stride, packed += keys)
            {
                for (int i = 0; i < keys; i++)
                {
                    packed[i] = source[i];
                }
            }
        }
    }

    /// <summary>The worker's scratch memory.</summary>
    private readonly struct Scratch
    {
        public Scratch(float* memory, DocumentPlan plan)
        {
            Sums = memory;
            Rows = Sums + (DocumentBlock.Length * (nint)plan.PaddedDimension);
            Weights = Rows + (RunLength * (nint)plan.PaddedDimension);
            Length = Weights + (DocumentBlock.Length * RunLength) + 16 - memory;
        }

        public float* Sums { get; }

        public float* Rows { get; }

        public float* Weights { get; }

        public long Length { get; }
    }
}
