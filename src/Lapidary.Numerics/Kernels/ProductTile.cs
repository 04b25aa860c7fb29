using System.Runtime.CompilerServices;
using Lapidary.Numerics.Simd;

namespace Lapidary.Numerics.Kernels;

/// <summary>A number of rows as a type, so that the just-in-time compiler removes what a smaller tile does not need.</summary>
internal interface IRowCount
{
    static abstract int Count { get; }
}

/// <summary>
/// The micro-kernel of all products of matrices: a tile of C, up to twelve rows by two vectors, held in registers while the inner
/// dimension passes by.
/// </summary>
/// <remarks>
/// Each element of C is one chain of multiply-adds in the order of the inner dimension, whatever the tile, the blocking or the
/// thread: that is what makes prompt processing independent of chunks, batches and threads.
/// AVX-512 has registers for 12 rows (24 sums, 2 of b, 1 of a), AVX2 for 6; with 8 or more independent chains the two units for
/// multiply-adds stay busy in spite of their latency of 4 cycles.
/// </remarks>
internal static unsafe class ProductTile
{
    /// <summary>
    /// c[i, j] (+)= sum over k of a[k * rows + i] * b[k * bStride + j], for rows i of <typeparamref name="TRows"/> and two vectors
    /// of columns j.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Multiply<V, TIsa, TRows>(float* a, float* b, nint bStride, float* c, nint cStride, int inner, bool accumulate)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
        where TRows : struct, IRowCount
    {
        V c0x0 = TIsa.Zero, c0x1 = TIsa.Zero;
        V c1x0 = TIsa.Zero, c1x1 = TIsa.Zero;
        V c2x0 = TIsa.Zero, c2x1 = TIsa.Zero;
        V c3x0 = TIsa.Zero, c3x1 = TIsa.Zero;
        V c4x0 = TIsa.Zero, c4x1 = TIsa.Zero;
        V c5x0 = TIsa.Zero, c5x1 = TIsa.Zero;
        V c6x0 = TIsa.Zero, c6x1 = TIsa.Zero;
        V c7x0 = TIsa.Zero, c7x1 = TIsa.Zero;
        V c8x0 = TIsa.Zero, c8x1 = TIsa.Zero;
        V c9x0 = TIsa.Zero, c9x1 = TIsa.Zero;
        V c10x0 = TIsa.Zero, c10x1 = TIsa.Zero;
        V c11x0 = TIsa.Zero, c11x1 = TIsa.Zero;
        if (accumulate)
        {
            Load<V, TIsa>(c, out c0x0, out c0x1);
            if (TRows.Count > 1)
            {
                Load<V, TIsa>(c + (1 * cStride), out c1x0, out c1x1);
            }

            if (TRows.Count > 2)
            {
                Load<V, TIsa>(c + (2 * cStride), out c2x0, out c2x1);
            }

            if (TRows.Count > 3)
            {
                Load<V, TIsa>(c + (3 * cStride), out c3x0, out c3x1);
            }

            if (TRows.Count > 4)
            {
                Load<V, TIsa>(c + (4 * cStride), out c4x0, out c4x1);
            }

            if (TRows.Count > 5)
            {
                Load<V, TIsa>(c + (5 * cStride), out c5x0, out c5x1);
            }

            if (TRows.Count > 6)
            {
                Load<V, TIsa>(c + (6 * cStride), out c6x0, out c6x1);
            }

            if (TRows.Count > 7)
            {
                Load<V, TIsa>(c + (7 * cStride), out c7x0, out c7x1);
            }

            if (TRows.Count > 8)
            {
                Load<V, TIsa>(c + (8 * cStride), out c8x0, out c8x1);
            }

            if (TRows.Count > 9)
            {
                Load<V, TIsa>(c + (9 * cStride), out c9x0, out c9x1);
            }

            if (TRows.Count > 10)
            {
                Load<V, TIsa>(c + (10 * cStride), out c10x0, out c10x1);
            }

            if (TRows.Count > 11)
            {
                Load<V, TIsa>(c + (11 * cStride), out c11x0, out c11x1);
            }

        }

        for (int k = 0; k < inner; k++)
        {
            V b0 = TIsa.Load(b), b1 = TIsa.Load(b + TIsa.Width);
            Step<V, TIsa>(a[0], b0, b1, ref c0x0, ref c0x1);
            if (TRows.Count > 1)
            {
                Step<V, TIsa>(a[1], b0, b1, ref c1x0, ref c1x1);
            }

            if (TRows.Count > 2)
            {
                Step<V, TIsa>(a[2], b0, b1, ref c2x0, ref c2x1);
            }

            if (TRows.Count > 3)
            {
                Step<V, TIsa>(a[3], b0, b1, ref c3x0, ref c3x1);
            }

            if (TRows.Count > 4)
            {
                Step<V, TIsa>(a[4], b0, b1, ref c4x0, ref c4x1);
            }

            if (TRows.Count > 5)
            {
                Step<V, TIsa>(a[5], b0, b1, ref c5x0, ref c5x1);
            }

            if (TRows.Count > 6)
            {
                Step<V, TIsa>(a[6], b0, b1, ref c6x0, ref c6x1);
            }

            if (TRows.Count > 7)
            {
                Step<V, TIsa>(a[7], b0, b1, ref c7x0, ref c7x1);
            }

            if (TRows.Count > 8)
            {
                Step<V, TIsa>(a[8], b0, b1, ref c8x0, ref c8x1);
            }

            if (TRows.Count > 9)
            {
                Step<V, TIsa>(a[9], b0, b1, ref c9x0, ref c9x1);
            }

            if (TRows.Count > 10)
            {
                Step<V, TIsa>(a[10], b0, b1, ref c10x0, ref c10x1);
            }

            if (TRows.Count > 11)
            {
                Step<V, TIsa>(a[11], b0, b1, ref c11x0, ref c11x1);
            }

            a += TRows.Count;
            b += bStride;
        }

        Store<V, TIsa>(c, c0x0, c0x1);
        if (TRows.Count > 1)
        {
            Store<V, TIsa>(c + (1 * cStride), c1x0, c1x1);
        }

        if (TRows.Count > 2)
        {
            Store<V, TIsa>(c + (2 * cStride), c2x0, c2x1);
        }

        if (TRows.Count > 3)
        {
            Store<V, TIsa>(c + (3 * cStride), c3x0, c3x1);
        }

        if (TRows.Count > 4)
        {
            Store<V, TIsa>(c + (4 * cStride), c4x0, c4x1);
        }

        if (TRows.Count > 5)
        {
            Store<V, TIsa>(c + (5 * cStride), c5x0, c5x1);
        }

        if (TRows.Count > 6)
        {
            Store<V, TIsa>(c + (6 * cStride), c6x0, c6x1);
        }

        if (TRows.Count > 7)
        {
            Store<V, TIsa>(c + (7 * cStride), c7x0, c7x1);
        }

        if (TRows.Count > 8)
        {
            Store<V, TIsa>(c + (8 * cStride), c8x0, c8x1);
        }

        if (TRows.Count > 9)
        {
            Store<V, TIsa>(c + (9 * cStride), c9x0, c9x1);
        }

        if (TRows.Count > 10)
        {
            Store<V, TIsa>(c + (10 * cStride), c10x0, c10x1);
        }

        if (TRows.Count > 11)
        {
            Store<V, TIsa>(c + (11 * cStride), c11x0, c11x1);
        }

    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step<V, TIsa>(float a, V b0, V b1, ref V c0, ref V c1)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        V broadcast = TIsa.Create(a);
        c0 = TIsa.MultiplyAdd(broadcast, b0, c0);
        c1 = TIsa.MultiplyAdd(broadcast, b1, c1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Load<V, TIsa>(float* c, out V c0, out V c1)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        c0 = TIsa.Load(c);
        c1 = TIsa.Load(c + TIsa.Width);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<V, TIsa>(float* c, V c0, V c1)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        TIsa.Store(c, c0);
        TIsa.Store(c + TIsa.Width, c1);
    }
}
