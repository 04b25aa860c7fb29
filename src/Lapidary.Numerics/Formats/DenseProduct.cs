using System.Runtime.CompilerServices;
using Lapidary.Numerics.Simd;

namespace Lapidary.Numerics.Formats;

/// <summary>How a format without blocks (F32, F16, BF16) gives up two vectors of numbers at a time.</summary>
internal unsafe interface IDenseElements
{
    static abstract int Size { get; }

    /// <summary>A factor that the numbers of <see cref="LoadPair"/> lack; applied to the sum.</summary>
    static abstract float Scale { get; }

    static abstract float ToSingle(byte* element);

    static abstract void LoadPair<V, TIsa>(byte* source, out V first, out V second)
        where V : struct
        where TIsa : struct, IVectorIsa<V>;
}

/// <summary>Elements of 16 bits, which <see cref="IDenseElements.LoadPair"/> takes from a vector of both as they lie in memory.</summary>
internal interface IPairElements : IDenseElements
{
    static abstract void Split<V, TIsa>(V pairs, out V first, out V second)
        where V : struct
        where TIsa : struct, IVectorIsa<V>;
}

/// <summary>Rows times a float vector for the formats without blocks: the loop is written once, the elements differ.</summary>
internal unsafe struct DenseProduct<TElements> : IVectorKernel
    where TElements : struct, IDenseElements
{
    // Streaming kernels that do work per cache line gain from asking for lines ahead of the hardware's own prefetcher, which stops at
    // the end of a page. Further ahead than a kilobyte loses again: pages are then translated before they are needed.
    private const int PrefetchBytes = 1024;

    public byte* Rows;
    public nint RowBytes;
    public int RowCount;
    public int Length;
    public float* X;
    public float* Y;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run<V, TIsa>()
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        // One row at a time: the weights then pass in the order in which they lie in memory. Two rows at a time save loads of x, which
        // come from the first-level cache, and cost a quarter of the bandwidth of main memory, which is the limit here.
        int step = 4 * TIsa.Width;
        for (int row = 0; row < RowCount; row++)
        {
            byte* w = Rows + (row * RowBytes);
            V a0 = TIsa.Zero, a1 = TIsa.Zero, a2 = TIsa.Zero, a3 = TIsa.Zero;
            int i = 0;
            for (; i + step <= Length; i += step)
            {
                byte* p = w + (i * TElements.Size);
                for (int line = 0; line < step * TElements.Size; line += 64)
                {
                    TIsa.Prefetch(p + PrefetchBytes + line);
                }

                TElements.LoadPair<V, TIsa>(p, out V u, out V v);
                a0 = TIsa.MultiplyAdd(u, TIsa.Load(X + i), a0);
                a1 = TIsa.MultiplyAdd(v, TIsa.Load(X + i + TIsa.Width), a1);
                TElements.LoadPair<V, TIsa>(p + (2 * TIsa.Width * TElements.Size), out u, out v);
                a2 = TIsa.MultiplyAdd(u, TIsa.Load(X + i + (2 * TIsa.Width)), a2);
                a3 = TIsa.MultiplyAdd(v, TIsa.Load(X + i + (3 * TIsa.Width)), a3);
            }

            Y[row] = Finish<V, TIsa>(w, i, a0, a1, a2, a3);
        }
    }

    /// <summary>The last elements of a row, from <paramref name="done"/> on, and the sum of everything.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly float Finish<V, TIsa>(byte* row, int done, V s0, V s1, V s2, V s3)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        int i = done;
        if (i + (2 * TIsa.Width) <= Length)
        {
            TElements.LoadPair<V, TIsa>(row + (i * TElements.Size), out V u, out V v);
            s0 = TIsa.MultiplyAdd(u, TIsa.Load(X + i), s0);
            s1 = TIsa.MultiplyAdd(v, TIsa.Load(X + i + TIsa.Width), s1);
            i += 2 * TIsa.Width;
        }

        float sum = TIsa.Sum(TIsa.Add(TIsa.Add(s0, s1), TIsa.Add(s2, s3))) * TElements.Scale;
        for (; i < Length; i++)
        {
            sum += TElements.ToSingle(row + (i * TElements.Size)) * X[i];
        }

        return sum;
    }

    /// <summary>The scalar form over any of the dense layouts.</summary>
    public static double Reference(ReadOnlySpan<byte> row, in Activations x)
    {
        int width = VectorDispatch.Width;
        int whole = x.Layout == ActivationLayout.EvenOdd ? x.Length - (x.Length % (2 * width)) : 0;
        double sum = 0;
        fixed (byte* w = row)
        {
            for (int i = 0; i < x.Length; i++)
            {
                int inGroup = i % (2 * width);
                int position = i < whole ? i - inGroup + ((inGroup & 1) * width) + (inGroup / 2) : i;
                sum += (double)TElements.ToSingle(w + (i * TElements.Size)) * x.Values[position];
            }
        }

        return sum;
    }
}
