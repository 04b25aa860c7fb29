using System.Runtime.CompilerServices;
using Lapidary.Numerics.Simd;
using Lapidary.Numerics.Threading;

namespace Lapidary.Numerics.Kernels;

/// <summary>
/// The work of <see cref="Attention"/>. A task is a key-value head and a run of rows; a row is one query head of one token, rows of
/// one token next to each other, so that a group of heads shares every key and value that it reads. Both products run on the
/// micro-kernel of the matrix products.
/// </summary>
internal unsafe struct AttentionJob : IParallelJob, IParallelVectorKernel
{
    private const int BlockLength = KeyValueStore.BlockLength;

    // Rows per task: their queries and sums (two times 48 x 256 floats) lie in the second-level cache beside a block of keys and values.
    private const int MaxRowsPerTask = 48;

    public WorkerPool Pool;
    public KeyValueStore Store;
    public float* Queries;
    public float* Output;
    public int Tokens;
    public int FirstPosition;
    public int Heads;
    public int Group;
    public int Window;
    public float Scale;

    /// <summary>Where the scores are capped; zero for no cap.</summary>
    public float Cap;
    private int rowsPerTask;
    private int tasksPerHead;
    private int nextTask;

    public readonly long ScratchBytes =>
        sizeof(float) * ((long)(rowsPerTask * (Store.HeadDimension + Store.ValueStride + 2)) + (2 * 16 * BlockLength) + 64);

    public readonly int TaskCount => tasksPerHead * Store.Heads;

    public void Plan()
    {
        int rows = Tokens * Group;
        rowsPerTask = Math.Min(MaxRowsPerTask, rows);
        tasksPerHead = (rows + rowsPerTask - 1) / rowsPerTask;
    }

    public void Execute(int worker, int workers) => VectorDispatch.Run(ref this, worker, workers);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<V, TIsa>(int worker, int workers)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        var tile = new Tile((float*)Pool.Scratch(worker), rowsPerTask, Store);
        int taskCount = TaskCount;
        for (int task; (task = Interlocked.Increment(ref nextTask) - 1) < taskCount;)
        {
            // Later tokens see more keys: the long tasks come first, so that none of them is the last to finish.
            int firstRow = (tasksPerHead - 1 - (task / Store.Heads)) * rowsPerTask;
            int rows = Math.Min(rowsPerTask, (Tokens * Group) - firstRow);
            RunTask<V, TIsa>(in tile, task % Store.Heads, firstRow, rows);
        }
    }

    private readonly int PositionOf(int row) => FirstPosition + (row / Group);

    private readonly int FirstKeyOf(int row) => (int)Math.Max(0L, PositionOf(row) - (long)Window + 1);

    private readonly float* QueryOf(int row, int head) =>
        Queries + ((((nint)(row / Group) * Heads) + (head * Group) + (row % Group)) * Store.HeadDimension);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void RunTask<V, TIsa>(in Tile tile, int head, int firstRow, int rows)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        PackQueries<V, TIsa>(in tile, head, firstRow, rows);
        new Span<float>(tile.Sums, rows * Store.ValueStride).Clear();
        new Span<float>(tile.Totals, rows).Clear();
        new Span<float>(tile.Largest, rows).Fill(float.NegativeInfinity);
        int lastBlock = PositionOf(firstRow + rows - 1) / BlockLength;
        for (int block = FirstKeyOf(firstRow) / BlockLength; block <= lastBlock; block++)
        {
            for (int row = 0; row < rows; row += TIsa.ProductRows)
            {
                int panelRows = Math.Min(TIsa.ProductRows, rows - row);
                int firstKey = block * BlockLength;
                int from = Math.Max(0, FirstKeyOf(firstRow + row) - firstKey);
                int to = Math.Min(BlockLength, PositionOf(firstRow + row + panelRows - 1) + 1 - firstKey);
                if (from < to)
                {
                    AttendBlock<V, TIsa>(in tile, head, firstRow, row, panelRows, firstKey, from, to);
                }
            }
        }

        WriteOutput<V, TIsa>(in tile, head, firstRow, rows);
    }

    // Scales the queries and brings them into the micro-kernel's order, panel by panel.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void PackQueries<V, TIsa>(in Tile tile, int head, int firstRow, int rows)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        int dimension = Store.HeadDimension;
        for (int row = 0; row < rows; row++)
        {
            int panelStart = row / TIsa.ProductRows * TIsa.ProductRows;
            int panelRows = Math.Min(TIsa.ProductRows, rows - panelStart);
            float* packed = tile.Queries + ((nint)panelStart * dimension) + (row - panelStart);
            float* query = QueryOf(firstRow + row, head);
            for (int d = 0; d < dimension; d++)
            {
                packed[(nint)d * panelRows] = query[d] * Scale;
            }
        }
    }

    // One block of keys for one panel of rows: scores, their exponentials, and the weighted values added to the sums.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void AttendBlock<V, TIsa>(
        in Tile tile, int head, int firstRow, int row, int panelRows, int firstKey, int from, int to)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        int dimension = Store.HeadDimension;
        int panelWidth = 2 * TIsa.Width;
        int slot = firstKey % Store.Slots;
        float* keys = Store.KeysOf(head) + ((nint)slot * dimension);
        float* queries = tile.Queries + ((nint)row * dimension);
        for (int key = from / panelWidth * panelWidth; key < to; key += panelWidth)
        {
            ProductTileRows.Multiply<V, TIsa>(
                panelRows, queries, keys + ((nint)key * dimension), panelWidth, tile.Scores + key, BlockLength, dimension, accumulate: false);
        }

        for (int i = 0; i < panelRows; i++)
        {
            int visibleFrom = Math.Max(0, FirstKeyOf(firstRow + row + i) - firstKey);
            int visibleTo = Math.Min(BlockLength, PositionOf(firstRow + row + i) + 1 - firstKey);
            OnlineSoftmax.AddBlock<V, TIsa>(
                tile.Scores + (i * BlockLength),
                BlockLength,
                visibleFrom,
                visibleTo,
                Cap,
                ref tile.Largest[row + i],
                ref tile.Totals[row + i],
                tile.Sums + ((nint)(row + i) * Store.ValueStride),
                Store.ValueStride);
        }

        PackInputJob.PackRows<V, TIsa>(tile.Scores + from, BlockLength, panelRows, to - from, tile.Weights);
        int stride = Store.ValueStride;
        float* values = Store.ValuesOf(head) + ((nint)(slot + from) * stride);
        float* sums = tile.Sums + ((nint)row * stride);
        for (int column = 0; column < stride; column += panelWidth)
        {
            ProductTileRows.Multiply<V, TIsa>(
                panelRows, tile.Weights, values + column, stride, sums + column, stride, to - from, accumulate: true);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void WriteOutput<V, TIsa>(in Tile tile, int head, int firstRow, int rows)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        for (int row = 0; row < rows; row++)
        {
            float* output = Output + (QueryOf(firstRow + row, head) - Queries);
            float* sums = tile.Sums + ((nint)row * Store.ValueStride);
            V total = TIsa.Create(tile.Totals[row]);
            int d = 0;
            for (; d + TIsa.Width <= Store.HeadDimension; d += TIsa.Width)
            {
                TIsa.Store(output + d, TIsa.Divide(TIsa.Load(sums + d), total));
            }

            for (; d < Store.HeadDimension; d++)
            {
                output[d] = sums[d] / tile.Totals[row];
            }
        }
    }

    /// <summary>The worker's scratch memory.</summary>
    private readonly struct Tile
    {
        public Tile(float* memory, int rows, KeyValueStore store)
        {
            Queries = memory;
            Sums = Queries + ((nint)rows * store.HeadDimension);
            Scores = Sums + ((nint)rows * store.ValueStride);
            Weights = Scores + (16 * BlockLength);
            Totals = Weights + (16 * BlockLength);
            Largest = Totals + rows;
        }

        public float* Queries { get; }

        public float* Sums { get; }

        public float* Scores { get; }

        public float* Weights { get; }

        public float* Totals { get; }

        public float* Largest { get; }
    }
}
