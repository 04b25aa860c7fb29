using System.Runtime.CompilerServices;
using Lapidary.Numerics.Simd;

namespace Lapidary.Numerics.Kernels;

/// <summary>Calls the copy of <see cref="ProductTile"/> for a number of rows that is known at run time only.</summary>
internal static unsafe class ProductTileRows
{
    /// <summary>As <see cref="ProductTile.Multiply{V, TIsa, TRows}"/>, for 1 to <c>TIsa.ProductRows</c> rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Multiply<V, TIsa>(
        int rows, float* a, float* b, nint bStride, float* c, nint cStride, int inner, bool accumulate)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        if (rows == TIsa.ProductRows)
        {
            Full<V, TIsa>(a, b, bStride, c, cStride, inner, accumulate);
            return;
        }

        switch (rows)
        {
            case 1:
                Tile<V, TIsa, Rows1>(a, b, bStride, c, cStride, inner, accumulate);
                break;
            case 2:
                Tile<V, TIsa, Rows2>(a, b, bStride, c, cStride, inner, accumulate);
                break;
            case 3:
                Tile<V, TIsa, Rows3>(a, b, bStride, c, cStride, inner, accumulate);
                break;
            case 4:
                Tile<V, TIsa, Rows4>(a, b, bStride, c, cStride, inner, accumulate);
                break;
            case 5:
                Tile<V, TIsa, Rows5>(a, b, bStride, c, cStride, inner, accumulate);
                break;
            case 6:
                Tile<V, TIsa, Rows6>(a, b, bStride, c, cStride, inner, accumulate);
                break;
            case 7:
                Tile<V, TIsa, Rows7>(a, b, bStride, c, cStride, inner, accumulate);
                break;
            case 8:
                Tile<V, TIsa, Rows8>(a, b, bStride, c, cStride, inner, accumulate);
                break;
            case 9:
                Tile<V, TIsa, Rows9>(a, b, bStride, c, cStride, inner, accumulate);
                break;
            case 10:
                Tile<V, TIsa, Rows10>(a, b, bStride, c, cStride, inner, accumulate);
                break;
            case 11:
                Tile<V, TIsa, Rows11>(a, b, bStride, c, cStride, inner, accumulate);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(rows));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Full<V, TIsa>(float* a, float* b, nint bStride, float* c, nint cStride, int inner, bool accumulate)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        if (TIsa.ProductRows == 12)
        {
            Tile<V, TIsa, Rows12>(a, b, bStride, c, cStride, inner, accumulate);
        }
        else
        {
            Tile<V, TIsa, Rows6>(a, b, bStride, c, cStride, inner, accumulate);
        }
    }

    // A method of its own per tile: inlined together they would compete for registers.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Tile<V, TIsa, TRows>(float* a, float* b, nint bStride, float* c, nint cStride, int inner, bool accumulate)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
        where TRows : struct, IRowCount
        => ProductTile.Multiply<V, TIsa, TRows>(a, b, bStride, c, cStride, inner, accumulate);

    private readonly struct Rows1 : IRowCount
    {
        public static int Count => 1;
    }

    private readonly struct Rows2 : IRowCount
    {
        public static int Count => 2;
    }

    private readonly struct Rows3 : IRowCount
    {
        public static int Count => 3;
    }

    private readonly struct Rows4 : IRowCount
    {
        public static int Count => 4;
    }

    private readonly struct Rows5 : IRowCount
    {
        public static int Count => 5;
    }

    private readonly struct Rows6 : IRowCount
    {
        public static int Count => 6;
    }

    private readonly struct Rows7 : IRowCount
    {
        public static int Count => 7;
    }

    private readonly struct Rows8 : IRowCount
    {
        public static int Count => 8;
    }

    private readonly struct Rows9 : IRowCount
    {
        public static int Count => 9;
    }

    private readonly struct Rows10 : IRowCount
    {
        public static int Count => 10;
    }

    private readonly struct Rows11 : IRowCount
    {
        public static int Count => 11;
    }

    private readonly struct Rows12 : IRowCount
    {
        public static int Count => 12;
    }
}
