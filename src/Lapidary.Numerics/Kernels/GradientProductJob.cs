using System.Runtime.CompilerServices;
using Lapidary.Numerics.Formats;
using Lapidary.Numerics.Memory;
using Lapidary.Numerics.Simd;
using Lapidary.Numerics.Threading;

namespace Lapidary.Numerics.Kernels;

/// <summary>
/// C [rows, columns] (+)= A [rows, inner] * B [inner, columns], with A in panels and B in rows of any format: the blocked product of
/// both gradients. Where the forward product meets weights whose rows are columns of B and has to transpose them, here the rows of B
/// already lie in the order of the panels and are decoded straight into them.
/// </summary>
internal unsafe struct GradientProductJob : IParallelJob, IParallelVectorKernel
{
    // As in the forward product: four panels of 512 x 16 floats (AVX2) beside a block of rows of A within half a megabyte.
    private const int InnerBlock = 512;
    private const int MaxPanelsPerTask = 4;

    // The super-block of the K formats: the fewest columns of them that can be decoded.
    private const int LongestBlock = 256;

    // A row of B is a few cache lines that the next row does not continue: asked for so many rows ahead.
    private const int PrefetchedRows = 16;

    // Tasks that a worker should find, so that one that is late leaves most of its share to the others.
    private const int TasksPerWorker = 4;

    public ProductBlock Product;
    public WorkerPool Pool;
    public WeightFormat Format;
    public byte* Weights;
    public nint WeightRowBytes;

    /// <summary>Which row of the weights each row of B is; null where they follow each other.</summary>
    public int* WeightRows;
    public int Columns;
    public bool Accumulate;

    // Columns are taken in units of a panel, or of a block where that is wider.
    private int unitWidth;
    private int unitsPerTask;
    private int units;
    private int rowsPerGroup;
    private int totalUnits;
    private int nextUnit;

    /// <summary>Scratch memory of one worker: a task's panels, one decoded row of them, and a tile for the edges.</summary>
    public static long ScratchBytes
    {
        get
        {
            long panelWidth = 2 * VectorDispatch.Width;
            return sizeof(float) * (PanelFloats + LongestBlock + (panelWidth * 16));
        }
    }

    private static int PanelFloats => MaxPanelsPerTask * 2 * VectorDispatch.Width * InnerBlock;

    public void Plan(int workers)
    {
        int panelWidth = 2 * VectorDispatch.Width;
        unitWidth = Math.Max(panelWidth, Format.BlockLength);
        unitsPerTask = Math.Max(1, MaxPanelsPerTask * panelWidth / unitWidth);
        units = (Columns + unitWidth - 1) / unitWidth;

        // Too few columns for the workers: the rows are shared as well, and each group of rows decodes for itself.
        int blocks = (Product.Rows + ProductBlock.RowBlock - 1) / ProductBlock.RowBlock;
        int wanted = Math.Clamp(((TasksPerWorker * workers) + units - 1) / units, 1, blocks);
        rowsPerGroup = (blocks + wanted - 1) / wanted * ProductBlock.RowBlock;
        totalUnits = units * ((Product.Rows + rowsPerGroup - 1) / rowsPerGroup);
    }

    public void Execute(int worker, int workers) => VectorDispatch.Run(ref this, worker, workers);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<V, TIsa>(int worker, int workers)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        float* panels = (float*)Pool.Scratch(worker);
        float* edge = panels + PanelFloats + LongestBlock;
        while (Claim(workers, out int firstRow, out int firstUnit, out int count))
        {
            int firstColumn = firstUnit * unitWidth;
            int columns = Math.Min(count * unitWidth, Columns - firstColumn);
            int endRow = Math.Min(Product.Rows, firstRow + rowsPerGroup);
            int panelDepth = Math.Min(InnerBlock, PanelFloats / (count * unitWidth));
            for (int k = 0; k < Product.Inner; k += panelDepth)
            {
                int depth = Math.Min(panelDepth, Product.Inner - k);
                PackRows<V, TIsa>(firstColumn, columns, k, depth, panelDepth, panels);
                Product.Multiply<V, TIsa>(
                    firstRow, endRow, firstColumn, columns, k, depth, panels, panelDepth, edge, Accumulate || k != 0);
            }
        }
    }

    // Columns [firstColumn, +columns) of rows [k, +depth) of B, into panels [panelDepth][panelWidth].
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void PackRows<V, TIsa>(int firstColumn, int columns, int k, int depth, nint panelDepth, float* panels)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        int panelWidth = 2 * TIsa.Width;
        nint skippedBytes = (nint)Format.RowBytes(firstColumn);
        nint takenBytes = (nint)Format.RowBytes(columns);
        bool stored = Format.Type == ElementType.F32;
        float* decoded = panels + PanelFloats;
        for (int i = 0; i < depth; i++)
        {
            byte* source = Row(k + i) + skippedBytes;
            if (i + PrefetchedRows < depth)
            {
                byte* ahead = Row(k + i + PrefetchedRows) + skippedBytes;
                for (nint offset = 0; offset < takenBytes; offset += NativeMemoryBlock.Alignment)
                {
                    TIsa.Prefetch(ahead + offset);
                }
            }

            float* row = stored ? (float*)source : decoded;
            if (!stored)
            {
                Format.Decode(source, decoded, columns);
            }

            float* destination = panels + ((nint)i * panelWidth);
            int column = 0;
            for (; column + panelWidth <= columns; column += panelWidth)
            {
                TIsa.Store(destination + (column * panelDepth), TIsa.Load(row + column));
                TIsa.Store(destination + (column * panelDepth) + TIsa.Width, TIsa.Load(row + column + TIsa.Width));
            }

            if (column < columns)
            {
                float* last = destination + (column * panelDepth);
                for (int j = 0; j < panelWidth; j++)
                {
                    last[j] = column + j < columns ? row[column + j] : 0;
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly byte* Row(int k) => Weights + ((WeightRows is null ? k : WeightRows[k]) * WeightRowBytes);

    // Takes the next units of one group of rows: as many as share the rows of A well, but fewer towards the end.
    private bool Claim(int workers, out int firstRow, out int firstUnit, out int count)
    {
        while (true)
        {
            int next = Volatile.Read(ref nextUnit);
            int group = next / units;
            firstRow = group * rowsPerGroup;
            firstUnit = next - (group * units);
            count = Math.Min(Math.Clamp((totalUnits - next) / (2 * workers), 1, unitsPerTask), units - firstUnit);
            if (next >= totalUnits)
            {
                return false;
            }

            if (Interlocked.CompareExchange(ref nextUnit, next + count, next) == next)
            {
                return true;
            }
        }
    }
}
