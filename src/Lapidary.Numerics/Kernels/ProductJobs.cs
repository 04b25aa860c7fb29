using System.Runtime.CompilerServices;
using Lapidary.Numerics.Simd;
using Lapidary.Numerics.Threading;

namespace Lapidary.Numerics.Kernels;

/// <summary>
/// Rearranges A [rows, inner], rows a stride apart, into panels of <c>ProductRows</c> rows, [panel][inner][rows of the panel]: the
/// order in which the micro-kernel reads it. The last panel is as narrow as its rows.
/// </summary>
internal unsafe struct PackInputJob : IParallelJob, IParallelVectorKernel
{
    public float* Input;
    public nint Stride;
    public int Rows;
    public int Inner;
    public float* Packed;
    private int nextPanel;

    public void Execute(int worker, int workers) => VectorDispatch.Run(ref this, worker, workers);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<V, TIsa>(int worker, int workers)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        int panels = (Rows + TIsa.ProductRows - 1) / TIsa.ProductRows;
        for (int panel; (panel = Interlocked.Increment(ref nextPanel) - 1) < panels;)
        {
            int firstRow = panel * TIsa.ProductRows;
            PackRows<V, TIsa>(
                Input + (firstRow * Stride), Stride, Math.Min(TIsa.ProductRows, Rows - firstRow), Inner, Packed + ((long)firstRow * Inner));
        }
    }

    /// <summary>packed[k * rows + i] = source[i * stride + k], for up to <c>ProductRows</c> rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PackRows<V, TIsa>(float* source, nint stride, int rows, int inner, float* packed)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        int start = rows == TIsa.ProductRows && TIsa.Width >= TIsa.ProductRows ? PackSquares<V, TIsa>(source, stride, rows, inner, packed) : 0;
        for (int i = 0; i < rows; i++)
        {
            float* row = source + (i * stride);
            float* destination = packed + i;
            for (int k = start; k < inner; k++)
            {
                destination[(nint)k * rows] = row[k];
            }
        }
    }

    // Whole vectors of columns by way of transposed squares. A column is stored as a whole vector, its end then overwritten by the next
    // column; the last square is left to the caller, who writes nothing beyond the panel. Rows that a panel lacks of a square are read
    // as copies of its last.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int PackSquares<V, TIsa>(float* source, nint stride, int rows, int inner, float* packed)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        float* square = stackalloc float[16 * 16];
        float* columns = stackalloc float[16 * 16];
        int k = 0;
        for (; k + TIsa.Width < inner; k += TIsa.Width)
        {
            for (int i = 0; i < TIsa.Width; i++)
            {
                TIsa.Store(square + (i * TIsa.Width), TIsa.Load(source + (Math.Min(i, rows - 1) * stride) + k));
            }

            TIsa.Transpose(square, TIsa.Width, columns, TIsa.Width);
            for (int j = 0; j < TIsa.Width; j++)
            {
                TIsa.Store(packed + ((nint)(k + j) * rows), TIsa.Load(columns + (j * TIsa.Width)));
            }
        }

        return k;
    }
}

/// <summary>
/// The blocked product. A task is a group of column panels (two vectors of weight rows each): their weights are decoded and
/// transposed once per block of the inner dimension into worker-local memory, then multiplied with all rows of A.
/// </summary>
internal unsafe struct ProductJob : IParallelJob, IParallelVectorKernel
{
    // Twice the super-block of the K formats. Most inner dimensions of a small model are then one or two blocks, so that the tiles of C
    // are seldom read again; a panel of 512 x 16 floats (AVX2) streams out of the second-level cache behind the multiply-adds.
    private const int InnerBlock = 512;

    // 4 panels x 32 KB: with the rows of A still within half a megabyte. Measured against 2 and 8 panels and blocks of 256 and 768.
    private const int MaxPanelsPerTask = 4;

    public int Rows;
    public int Inner;
    public float* Packed;
    public WorkerPool Pool;
    public ProductTargets Targets;
    public int TargetCount;
    public long TotalColumns;
    private int totalPanels;
    private int nextPanel;

    /// <summary>Scratch memory of one worker: the group's panels, the decoded rows of one panel, and a tile for the edges.</summary>
    public static long ScratchBytes
    {
        get
        {
            long panelWidth = 2 * VectorDispatch.Width;
            return sizeof(float) * ((panelWidth * InnerBlock * (MaxPanelsPerTask + 1)) + (panelWidth * 16));
        }
    }

    public void Plan()
    {
        for (int i = 0; i < TargetCount; i++)
        {
            TotalColumns += Targets[i].RowCount;
            totalPanels += PanelsOf(Targets[i].RowCount);
        }
    }

    public void Execute(int worker, int workers) => VectorDispatch.Run(ref this, worker, workers);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<V, TIsa>(int worker, int workers)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        int panelWidth = 2 * TIsa.Width;
        float* panels = (float*)Pool.Scratch(worker);
        float* edge = panels + ((nint)(MaxPanelsPerTask + 1) * panelWidth * InnerBlock);
        var block = new ProductBlock { Packed = Packed, Rows = Rows, Inner = Inner };
        while (Claim(workers, out int target, out int firstPanel, out int count))
        {
            int firstColumn = firstPanel * panelWidth;
            int columns = Math.Min(count * panelWidth, Targets[target].RowCount - firstColumn);
            block.Output = Targets[target].Output;
            block.OutputStride = Targets[target].OutputStride;
            for (int k = 0; k < Inner; k += InnerBlock)
            {
                int depth = Math.Min(InnerBlock, Inner - k);
                PackWeights<V, TIsa>(in Targets[target], firstColumn, columns, k, depth, panels);
                block.Multiply<V, TIsa>(0, Rows, firstColumn, columns, k, depth, panels, InnerBlock, edge, k != 0);
            }
        }
    }

    // Decodes columns [firstColumn, +columns) of the product, which are rows of the weights, into panels [depth][panelWidth].
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackWeights<V, TIsa>(in ProductTarget weights, int firstColumn, int columns, int k, int depth, float* panels)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        int panelWidth = 2 * TIsa.Width;
        float* decoded = panels + ((nint)MaxPanelsPerTask * panelWidth * InnerBlock);
        nint skippedBytes = (nint)weights.Format.RowBytes(k);
        for (int column = 0; column < columns; column += panelWidth)
        {
            int present = Math.Min(panelWidth, columns - column);
            for (int i = 0; i < panelWidth; i++)
            {
                float* row = decoded + (i * InnerBlock);
                if (i < present && weights.Sparse is { } sparse)
                {
                    sparse.Decode(firstColumn + column + i, k, depth, row);
                }
                else if (i < present)
                {
                    weights.Format.Decode(weights.Rows + ((firstColumn + column + i) * weights.RowBytes) + skippedBytes, row, depth);
                }
                else
                {
                    new Span<float>(row, depth).Clear();
                }
            }

            Transpose<V, TIsa>(decoded, depth, panels + ((nint)column * InnerBlock));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Transpose<V, TIsa>(float* decoded, int depth, float* panel)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        int panelWidth = 2 * TIsa.Width;
        int k = 0;
        for (; k + TIsa.Width <= depth; k += TIsa.Width)
        {
            TIsa.Transpose(decoded + k, InnerBlock, panel + (k * panelWidth), panelWidth);
            TIsa.Transpose(decoded + (TIsa.Width * InnerBlock) + k, InnerBlock, panel + (k * panelWidth) + TIsa.Width, panelWidth);
        }

        for (; k < depth; k++)
        {
            for (int i = 0; i < panelWidth; i++)
            {
                panel[(k * panelWidth) + i] = decoded[(i * InnerBlock) + k];
            }
        }
    }

    // Takes the next panels of one target: as many as share the rows of A well, but fewer towards the end, so that no worker waits long
    // for another's last task.
    private bool Claim(int workers, out int target, out int firstPanel, out int count)
    {
        while (true)
        {
            int next = Volatile.Read(ref nextPanel);
            target = 0;
            firstPanel = next;
            count = Math.Clamp((totalPanels - next) / (2 * workers), 1, MaxPanelsPerTask);
            if (next >= totalPanels)
            {
                return false;
            }

            int panels;
            while (firstPanel >= (panels = PanelsOf(Targets[target].RowCount)))
            {
                firstPanel -= panels;
                target++;
            }

            count = Math.Min(count, panels - firstPanel);
            if (Interlocked.CompareExchange(ref nextPanel, next + count, next) == next)
            {
                return true;
            }
        }
    }

    private static int PanelsOf(int rowCount)
    {
        int panelWidth = 2 * VectorDispatch.Width;
        return (rowCount + panelWidth - 1) / panelWidth;
    }
}
