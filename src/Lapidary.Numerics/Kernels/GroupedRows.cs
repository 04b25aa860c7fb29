using System.Runtime.CompilerServices;
using Lapidary.Numerics.Simd;

namespace Lapidary.Numerics.Kernels;

/// <summary>
/// The heads of a tensor [tokens, heads, dimension] that share one key-value head, as rows: one head of one token each, the heads of a
/// token next to each other. Also brings them into the orders in which the micro-kernel of the products reads its inputs.
/// </summary>
internal readonly unsafe struct GroupedRows
{
    private readonly float* first;
    private readonly nint tokenStride;
    private readonly int group;

    /// <summary>The rows from <paramref name="firstToken"/> on of the heads <paramref name="index"/> * group and following.</summary>
    public GroupedRows(float* tensor, int firstToken, int heads, int index, int group, int dimension)
    {
        tokenStride = (nint)heads * dimension;
        first = tensor + (firstToken * tokenStride) + ((nint)index * group * dimension);
        this.group = group;
        Dimension = dimension;
    }

    /// <summary>Length of a row.</summary>
    public int Dimension { get; }

    /// <summary>Address of a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float* Row(int row)
    {
        (int token, int head) = Math.DivRem(row, group);
        return first + (token * tokenStride) + ((nint)head * Dimension);
    }

    /// <summary>row[d] = factor * source[d].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Write<V, TIsa>(int row, float* source, float factor)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
        => Copy<V, TIsa>(source, Row(row), factor);

    /// <summary>
    /// packed[panel][d][row of the panel] = factor * row[d]: the order of the left matrix, panels of <c>ProductRows</c>, the last as narrow
    /// as its rows.
    /// </summary>
    /// <param name="firstRow">First row.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="factor">Factor.</param>
    /// <param name="packed">[rows, dimension].</param>
    /// <param name="gathered">Scratch memory [16, dimension].</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void PackLeft<V, TIsa>(int firstRow, int rows, float factor, float* packed, float* gathered)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        for (int panel = 0; panel < rows; panel += TIsa.ProductRows)
        {
            int panelRows = Math.Min(TIsa.ProductRows, rows - panel);
            for (int i = 0; i < panelRows; i++)
            {
                Copy<V, TIsa>(Row(firstRow + panel + i), gathered + ((nint)i * Dimension), factor);
            }

            PackInputJob.PackRows<V, TIsa>(gathered, Dimension, panelRows, Dimension, packed + ((nint)panel * Dimension));
        }
    }

    /// <summary>
    /// packed[panel of columns][row][column of the panel] = factor * row[column], columns beyond the dimension zero: the order of the right
    /// matrix when rows are its inner dimension.
    /// </summary>
    /// <param name="firstRow">First row.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="factor">Factor.</param>
    /// <param name="packed">[panels, panelRows, two vectors].</param>
    /// <param name="panelRows">Rows from one panel to the next.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void PackRight<V, TIsa>(int firstRow, int rows, float factor, float* packed, int panelRows)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        int panelWidth = 2 * TIsa.Width;
        nint panelStride = (nint)panelRows * panelWidth;
        V factors = TIsa.Create(factor);
        for (int row = 0; row < rows; row++)
        {
            float* source = Row(firstRow + row);
            float* destination = packed + ((nint)row * panelWidth);
            int d = 0;
            for (; d + panelWidth <= Dimension; d += panelWidth, destination += panelStride)
            {
                TIsa.Store(destination, TIsa.Multiply(TIsa.Load(source + d), factors));
                TIsa.Store(destination + TIsa.Width, TIsa.Multiply(TIsa.Load(source + d + TIsa.Width), factors));
            }

            if (d < Dimension)
            {
                for (int i = 0; i < panelWidth; i++)
                {
                    destination[i] = d + i < Dimension ? source[d + i] * factor : 0;
                }
            }
        }
    }

    /// <summary>
    /// packed[panel of rows][d][row of the panel] = row[d], rows beyond the last zero: the order of the right matrix when rows are its
    /// columns.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void PackRightTransposed<V, TIsa>(int rows, float* packed)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        int panelWidth = 2 * TIsa.Width;
        float* square = stackalloc float[16 * 16];
        for (int start = 0; start < rows; start += TIsa.Width)
        {
            float* panel = packed + ((nint)(start / panelWidth) * panelWidth * Dimension) + (start % panelWidth);
            int present = Math.Min(TIsa.Width, rows - start);
            new Span<float>(square, 16 * 16).Clear();
            int d = 0;
            for (; d + TIsa.Width <= Dimension; d += TIsa.Width)
            {
                for (int i = 0; i < present; i++)
                {
                    TIsa.Store(square + (i * TIsa.Width), TIsa.Load(Row(start + i) + d));
                }

                TIsa.Transpose(square, TIsa.Width, panel + ((nint)d * panelWidth), panelWidth);
            }

            for (; d < Dimension; d++)
            {
                for (int i = 0; i < TIsa.Width; i++)
                {
                    panel[((nint)d * panelWidth) + i] = i < present ? Row(start + i)[d] : 0;
                }
            }
        }

        // The second half of the last panel, where no row begins it.
        int halves = (rows + TIsa.Width - 1) / TIsa.Width;
        if (halves % 2 != 0)
        {
            float* panel = packed + ((nint)(halves / 2) * panelWidth * Dimension) + TIsa.Width;
            for (int d = 0; d < Dimension; d++)
            {
                TIsa.Store(panel + ((nint)d * panelWidth), TIsa.Zero);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Copy<V, TIsa>(float* source, float* destination, float factor)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        V factors = TIsa.Create(factor);
        int d = 0;
        for (; d + TIsa.Width <= Dimension; d += TIsa.Width)
        {
            TIsa.Store(destination + d, TIsa.Multiply(TIsa.Load(source + d), factors));
        }

        for (; d < Dimension; d++)
        {
            destination[d] = source[d] * factor;
        }
    }
}
