using System.Runtime.CompilerServices;
using Lapidary.Numerics.Simd;

namespace Lapidary.Numerics.Kernels;

/// <summary>
/// The products between a run of query rows and one block of keys, on the micro-kernel of the matrix products. Panels of columns are the
/// outer loop: one stays in the first-level cache while the rows of the run pass.
/// </summary>
internal readonly unsafe struct DocumentProducts
{
    /// <summary>
    /// Rows of a run: their packed queries and sums (two times 48 x 256 floats) lie in the second-level cache beside a block of keys and
    /// values.
    /// </summary>
    public const int RunLength = 48;

    // No instruction set has panels of fewer than four rows.
    private const int MaxPanels = RunLength / 4;

    private readonly DocumentPlan plan;
    private readonly int queryPosition;
    private readonly int firstRow;
    private readonly int rows;

    /// <summary>The rows from <paramref name="firstRow"/> on of a block of queries.</summary>
    public DocumentProducts(DocumentPlan plan, in DocumentBlock queries, int firstRow, int rows)
    {
        this.plan = plan;
        queryPosition = queries.Position;
        this.firstRow = firstRow;
        this.rows = rows;
    }

    /// <summary>Keys of a block that a row of the run sees, see <see cref="DocumentPlan.VisibleKeys"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void VisibleKeys(in DocumentBlock keys, int row, out int from, out int to) =>
        plan.VisibleKeys(in keys, queryPosition + ((firstRow + row) / plan.Group), out from, out to);

    /// <summary>
    /// scores[row, key] = left[row] . right[key], for the panels of keys that a panel of rows sees; the others stay as they are.
    /// </summary>
    /// <param name="keys">The block of keys.</param>
    /// <param name="left">The rows as <see cref="GroupedRows.PackLeft"/> leaves them.</param>
    /// <param name="right">The keys as <see cref="GroupedRows.PackRightTransposed"/> leaves them.</param>
    /// <param name="scores">[rows, <see cref="DocumentBlock.Length"/>].</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Scores<V, TIsa>(in DocumentBlock keys, float* left, float* right, float* scores)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        int panelWidth = 2 * TIsa.Width, dimension = plan.Dimension;
        PanelRange* ranges = stackalloc PanelRange[MaxPanels];
        FillRanges(in keys, TIsa.ProductRows, ranges);
        for (int key = 0; key < keys.Tokens; key += panelWidth)
        {
            PanelRange* range = ranges;
            for (int row = 0; row < rows; row += TIsa.ProductRows, range++)
            {
                if (key < range->To && key + panelWidth > range->From)
                {
                    ProductTileRows.Multiply<V, TIsa>(
                        Math.Min(TIsa.ProductRows, rows - row),
                        left + ((nint)row * dimension),
                        right + ((nint)key * dimension),
                        panelWidth,
                        scores + (row * DocumentBlock.Length) + key,
                        DocumentBlock.Length,
                        dimension,
                        accumulate: false);
                }
            }
        }
    }

    /// <summary>sums[row] += sum over the keys that the row sees of weights[row, key] * right[key].</summary>
    /// <param name="keys">The block of keys.</param>
    /// <param name="weights">[rows, stride], zero where a row does not see a key.</param>
    /// <param name="stride">Floats from one row of weights to the next.</param>
    /// <param name="right">What is weighted, as <see cref="GroupedRows.PackRight"/> leaves it.</param>
    /// <param name="sums">[rows, padded dimension].</param>
    /// <param name="packed">Scratch memory [rows, <see cref="DocumentBlock.Length"/>].</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void AddWeighted<V, TIsa>(in DocumentBlock keys, float* weights, int stride, float* right, float* sums, float* packed)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        PanelRange* ranges = stackalloc PanelRange[MaxPanels];
        FillRanges(in keys, TIsa.ProductRows, ranges);
        PanelRange* range = ranges;
        for (int row = 0; row < rows; row += TIsa.ProductRows, range++)
        {
            if (range->From < range->To)
            {
                PackInputJob.PackRows<V, TIsa>(
                    weights + ((nint)row * stride) + range->From,
                    stride,
                    Math.Min(TIsa.ProductRows, rows - row),
                    range->To - range->From,
                    packed + (row * DocumentBlock.Length));
            }
        }

        int panelWidth = 2 * TIsa.Width, paddedDimension = plan.PaddedDimension;
        for (int column = 0; column < paddedDimension; column += panelWidth)
        {
            float* panel = right + ((nint)column * keys.PaddedKeys);
            range = ranges;
            for (int row = 0; row < rows; row += TIsa.ProductRows, range++)
            {
                if (range->From < range->To)
                {
                    ProductTileRows.Multiply<V, TIsa>(
                        Math.Min(TIsa.ProductRows, rows - row),
                        packed + (row * DocumentBlock.Length),
                        panel + ((nint)range->From * panelWidth),
                        panelWidth,
                        sums + ((nint)row * paddedDimension) + column,
                        paddedDimension,
                        range->To - range->From,
                        accumulate: true);
                }
            }
        }
    }

    // The keys that any row of a panel sees: the first row's first to the last row's last. Found once a block, not once a tile.
    private void FillRanges(in DocumentBlock keys, int productRows, PanelRange* ranges)
    {
        for (int row = 0; row < rows; row += productRows, ranges++)
        {
            VisibleKeys(in keys, row, out ranges->From, out _);
            VisibleKeys(in keys, Math.Min(row + productRows, rows) - 1, out _, out ranges->To);
        }
    }

    private struct PanelRange
    {
        public int From;
        public int To;
    }
}
