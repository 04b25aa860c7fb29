using System.Runtime.CompilerServices;
using Lapidary.Numerics.Simd;

namespace Lapidary.Numerics.Kernels;

/// <summary>
/// What every product of matrices ends in: packed rows of A times panels of B, added up in C. Who packs A and B is what the products
/// differ in.
/// </summary>
internal unsafe struct ProductBlock
{
    /// <summary>
    /// Rows of A that stay in the second-level cache while the panels of a task pass: 96 x 512 floats are 192 KB. A multiple of
    /// <c>ProductRows</c> of every instruction set.
    /// </summary>
    public const int RowBlock = 96;

    /// <summary>A in panels of <c>ProductRows</c> rows, [panel][<see cref="Inner"/>][rows of the panel].</summary>
    public float* Packed;

    /// <summary>Rows of A and C.</summary>
    public int Rows;

    /// <summary>Length of the packed rows of A.</summary>
    public int Inner;

    /// <summary>The first row of C.</summary>
    public float* Output;

    /// <summary>Floats from one row of C to the next.</summary>
    public nint OutputStride;

    /// <summary>Which row of C each row of the product is; null where they follow each other.</summary>
    public int* OutputRows;

    /// <summary>
    /// C[firstRow.., firstColumn..] (+)= A[firstRow.., k..] * B[k.., firstColumn..], where A ends before <paramref name="endRow"/>.
    /// </summary>
    /// <param name="firstRow">First row, a multiple of <c>ProductRows</c>.</param>
    /// <param name="endRow">Row behind the last.</param>
    /// <param name="firstColumn">Column of C with which the panels begin.</param>
    /// <param name="columns">Columns of the panels that exist in C.</param>
    /// <param name="k">Where the block begins along the inner dimension.</param>
    /// <param name="depth">Length of the block along the inner dimension.</param>
    /// <param name="panels">Panels of two vectors of columns, each [panelDepth][2 vectors].</param>
    /// <param name="panelDepth">Length of a panel, at least <paramref name="depth"/>.</param>
    /// <param name="edge">A tile of 16 rows by two vectors.</param>
    /// <param name="accumulate">Whether to go on with what C holds.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Multiply<V, TIsa>(
        int firstRow,
        int endRow,
        int firstColumn,
        int columns,
        int k,
        int depth,
        float* panels,
        nint panelDepth,
        float* edge,
        bool accumulate)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        int panelWidth = 2 * TIsa.Width;
        for (int blockStart = firstRow; blockStart < endRow; blockStart += RowBlock)
        {
            int blockEnd = Math.Min(endRow, blockStart + RowBlock);
            for (int column = 0; column < columns; column += panelWidth)
            {
                float* panel = panels + (column * panelDepth);
                int present = Math.Min(panelWidth, columns - column);
                for (int row = blockStart; row < blockEnd; row += TIsa.ProductRows)
                {
                    int rows = Math.Min(TIsa.ProductRows, Rows - row);
                    float* a = Packed + ((nint)row * Inner) + ((nint)k * rows);
                    if (OutputRows is not null)
                    {
                        float* c = Output + firstColumn + column;
                        GatherTile<V, TIsa>(c, OutputStride, OutputRows + row, edge, rows, present);
                        ProductTileRows.Multiply<V, TIsa>(rows, a, panel, panelWidth, edge, panelWidth, depth, accumulate);
                        ScatterTile<V, TIsa>(edge, c, OutputStride, OutputRows + row, rows, present);
                    }
                    else if (present == panelWidth)
                    {
                        float* c = Output + (row * OutputStride) + firstColumn + column;
                        ProductTileRows.Multiply<V, TIsa>(rows, a, panel, panelWidth, c, OutputStride, depth, accumulate);
                    }
                    else
                    {
                        float* c = Output + (row * OutputStride) + firstColumn + column;
                        CopyTile(c, OutputStride, edge, panelWidth, rows, accumulate ? present : 0);
                        ProductTileRows.Multiply<V, TIsa>(rows, a, panel, panelWidth, edge, panelWidth, depth, accumulate);
                        CopyTile(edge, panelWidth, c, OutputStride, rows, present);
                    }
                }
            }
        }
    }

    // The last columns of a product that does not fill its panel pass through a tile of full width.
    private static void CopyTile(float* source, nint sourceStride, float* destination, nint destinationStride, int rows, int columns)
    {
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < columns; j++)
            {
                destination[(i * destinationStride) + j] = source[(i * sourceStride) + j];
            }
        }
    }

    // Rows of C that do not follow each other pass through the same tile.
    private static void GatherTile<V, TIsa>(float* c, nint stride, int* outputRows, float* edge, int rows, int columns)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        int panelWidth = 2 * TIsa.Width;
        for (int i = 0; i < rows; i++)
        {
            CopyRow<V, TIsa>(c + (outputRows[i] * stride), edge + (i * panelWidth), columns);
        }
    }

    private static void ScatterTile<V, TIsa>(float* edge, float* c, nint stride, int* outputRows, int rows, int columns)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        int panelWidth = 2 * TIsa.Width;
        for (int i = 0; i < rows; i++)
        {
            CopyRow<V, TIsa>(edge + (i * panelWidth), c + (outputRows[i] * stride), columns);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopyRow<V, TIsa>(float* source, float* destination, int columns)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        if (columns == 2 * TIsa.Width)
        {
            TIsa.Store(destination, TIsa.Load(source));
            TIsa.Store(destination + TIsa.Width, TIsa.Load(source + TIsa.Width));
            return;
        }

        for (int j = 0; j < columns; j++)
        {
            destination[j] = source[j];
        }
    }
}
