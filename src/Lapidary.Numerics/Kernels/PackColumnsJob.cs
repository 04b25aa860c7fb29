using System.Runtime.CompilerServices;
using Lapidary.Numerics.Simd;
using Lapidary.Numerics.Threading;

namespace Lapidary.Numerics.Kernels;

/// <summary>
/// Rearranges the columns of X [inner, columns] into panels of <c>ProductRows</c> columns, [panel][inner][columns of the panel]: X
/// transposed is the A of a product. The last panel is as narrow as its columns.
/// </summary>
internal unsafe struct PackColumnsJob(float* input, nint stride, int inner, int columns, float* packed) : IParallelJob, IParallelVectorKernel
{
    // Panels that are filled side by side: what they read of a row is then a few whole cache lines.
    private const int PanelsPerTask = 8;

    // Rows that are read before the next panel's turn: side by side, panels that lie a multiple of 4 KiB apart would drive each other
    // out of the first-level cache.
    private const int RowsPerTurn = 16;

    private readonly float* input = input;
    private readonly nint stride = stride;
    private readonly int inner = inner;
    private readonly int columns = columns;
    private readonly float* packed = packed;
    private int nextTask;

    public void Execute(int worker, int workers) => VectorDispatch.Run(ref this, worker, workers);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<V, TIsa>(int worker, int workers)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        int columnsPerTask = PanelsPerTask * TIsa.ProductRows;
        int tasks = (columns + columnsPerTask - 1) / columnsPerTask;
        for (int task; (task = Interlocked.Increment(ref nextTask) - 1) < tasks;)
        {
            int first = task * columnsPerTask;
            int end = Math.Min(columns, first + columnsPerTask);
            int endOfFull = first + ((end - first) / TIsa.ProductRows * TIsa.ProductRows);

            // A panel's row may be stored as a whole vector whose end the next row overwrites: all rows but the last.
            for (int start = 0; start < inner - 1; start += RowsPerTurn)
            {
                int count = Math.Min(RowsPerTurn, inner - 1 - start);
                for (int column = first; column < endOfFull; column += TIsa.ProductRows)
                {
                    float* source = input + (start * stride) + column;
                    float* destination = packed + ((nint)column * inner) + ((nint)start * TIsa.ProductRows);
                    for (int k = 0; k < count; k++)
                    {
                        CopyPanelRow<V, TIsa>(source + (k * stride), destination + (k * TIsa.ProductRows));
                    }
                }
            }

            for (int column = first; column < end; column += TIsa.ProductRows)
            {
                int present = Math.Min(TIsa.ProductRows, end - column);
                float* panel = packed + ((nint)column * inner);
                for (int k = present == TIsa.ProductRows ? inner - 1 : 0; k < inner; k++)
                {
                    for (int i = 0; i < present; i++)
                    {
                        panel[((nint)k * present) + i] = input[(k * stride) + column + i];
                    }
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopyPanelRow<V, TIsa>(float* source, float* destination)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        TIsa.Store(destination, TIsa.Load(source));
        if (TIsa.ProductRows > TIsa.Width)
        {
            int last = TIsa.ProductRows - TIsa.Width;
            TIsa.Store(destination + last, TIsa.Load(source + last));
        }
    }
}
