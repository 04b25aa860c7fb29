using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Lapidary.Numerics.Formats;
using Lapidary.Numerics.Simd;

namespace Lapidary.Numerics.Sparse;

/// <summary>
/// Rows of BF16 or F16: a mask of 64 bits per 64 elements, lowest bit first, then the elements of 16 bits. Zero is whatever has no bit but the
/// sign: pruning by a product with a mask leaves negative zeros, which add nothing to a sum either, and come back as positive ones.
/// </summary>
internal readonly unsafe struct SparseWords<TElements> : ISparseRows
    where TElements : struct, IPairElements
{
    private const int Group = 64;

    private const int Magnitude = 0x7fff;

    public static int GroupLength => Group;

    public static int HeadBytes => sizeof(ulong);

    public static int ElementBytes => sizeof(ushort);

    public static int DenseBytes => Group * sizeof(ushort);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int CountNonZeros(byte* row, int length)
    {
        int count = 0, start = 0;
        for (; start + Group <= length; start += Group)
        {
            count += BitOperations.PopCount(MaskOf((ushort*)row + start, Group));
        }

        return count + BitOperations.PopCount(MaskOf((ushort*)row + start, length - start));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(byte* row, int length, byte* record)
    {
        var words = (ushort*)row;
        int groups = (length + Group - 1) / Group;
        var packed = (ushort*)(record + (groups * HeadBytes));
        for (int group = 0; group < groups; group++)
        {
            int start = group * Group;
            ulong mask = MaskOf(words + start, Math.Min(Group, length - start));
            ((ulong*)record)[group] = mask;
            for (; mask != 0; mask &= mask - 1)
            {
                *packed++ = words[start + BitOperations.TrailingZeroCount(mask)];
            }
        }
    }

    public static long CountPacked(byte* head, int groups)
    {
        long count = 0;
        for (int group = 0; group < groups; group++)
        {
            count += BitOperations.PopCount(((ulong*)head)[group]);
        }

        return count;
    }

    public static void Expand(byte* head, byte* packed, int groups, byte* destination)
    {
        var kernel = new ExpandKernel { Head = (ulong*)head, Packed = packed, Groups = groups, Destination = destination };
        VectorDispatch.Run(ref kernel);
    }

    public static void MultiplyRows(byte* records, long* offsets, int rowCount, in Activations x, float* y)
    {
        var kernel = new ProductKernel
        {
            Records = records, Offsets = offsets, RowCount = rowCount, Length = x.Length, X = x.Values, Y = y,
        };
        VectorDispatch.Run(ref kernel);
    }

    // A bit for each of up to 64 elements that is not zero.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong MaskOf(ushort* words, int count)
    {
        ulong mask = 0;
        int i = 0;
        for (; i + Vector128<ushort>.Count <= count; i += Vector128<ushort>.Count)
        {
            Vector128<ushort> magnitudes = Vector128.Load(words + i) & Vector128.Create((ushort)Magnitude);
            mask |= (ulong)(~Vector128.Equals(magnitudes, Vector128<ushort>.Zero).ExtractMostSignificantBits() & 0xff) << i;
        }

        for (; i < count; i++)
        {
            mask |= (words[i] & Magnitude) == 0 ? 0 : 1ul << i;
        }

        return mask;
    }

    private struct ExpandKernel : IVectorKernel
    {
        public ulong* Head;
        public byte* Packed;
        public int Groups;
        public byte* Destination;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<V, TIsa>()
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            byte* table = SpreadTable.Words;
            byte* packed = Packed;
            byte* target = Destination;
            for (int group = 0; group < Groups; group++, target += Group * sizeof(ushort))
            {
                ulong mask = Head[group];
                for (int start = 0; start < Group; start += 2 * TIsa.Width)
                {
                    TIsa.Store((float*)(target + (start * sizeof(ushort))), TIsa.SpreadWords(ref packed, mask, start, table));
                }
            }
        }
    }

    /// <summary>As <see cref="DenseProduct{TElements}"/>: the same numbers meet in the same lanes in the same order.</summary>
    private struct ProductKernel : IVectorKernel
    {
        // Further ahead than the dense product looks, and two lines: with fewer zeros than half, a group takes more than one. Measured
        // with two threads: one line a kilobyte ahead is a fifth slower.
        private const int PrefetchBytes = 2048;

        public byte* Records;
        public long* Offsets;
        public int RowCount;
        public int Length;
        public float* X;
        public float* Y;

        public readonly void Run<V, TIsa>()
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            if (Length % Group == 0)
            {
                WholeRows<V, TIsa>();
            }
            else
            {
                RaggedRows<V, TIsa>();
            }
        }

        // Apart from the other, because sums that live across a call would be stored in every turn of the loop; and never part of its caller,
        // because the just-in-time compiler then runs out of its budget and leaves calls in the loop (measured: a third of the speed).
        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        private readonly void WholeRows<V, TIsa>()
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            byte* table = SpreadTable.Words;
            int groups = Length / Group;
            for (int row = 0; row < RowCount; row++)
            {
                var masks = (ulong*)(Records + Offsets[row]);
                var packed = (byte*)(masks + groups);
                V a0 = TIsa.Zero, a1 = TIsa.Zero, a2 = TIsa.Zero, a3 = TIsa.Zero;
                Accumulate<V, TIsa>(masks, ref packed, groups, table, X, ref a0, ref a1, ref a2, ref a3);
                Y[row] = TIsa.Sum(TIsa.Add(TIsa.Add(a0, a1), TIsa.Add(a2, a3))) * TElements.Scale;
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        private readonly void RaggedRows<V, TIsa>()
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            byte* table = SpreadTable.Words;
            byte* last = stackalloc byte[Group * sizeof(ushort)];
            int whole = Length / Group;
            for (int row = 0; row < RowCount; row++)
            {
                var masks = (ulong*)(Records + Offsets[row]);
                var packed = (byte*)(masks + whole + 1);
                V a0 = TIsa.Zero, a1 = TIsa.Zero, a2 = TIsa.Zero, a3 = TIsa.Zero;
                Accumulate<V, TIsa>(masks, ref packed, whole, table, X, ref a0, ref a1, ref a2, ref a3);
                Expand((byte*)(masks + whole), packed, 1, last);
                Y[row] = FinishRow<V, TIsa>(last, whole * Group, a0, a1, a2, a3);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Accumulate<V, TIsa>(
            ulong* masks, ref byte* packed, int groups, byte* table, float* x, ref V a0, ref V a1, ref V a2, ref V a3)
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            for (ulong* end = masks + groups; masks < end; masks++, x += Group)
            {
                TIsa.Prefetch(packed + PrefetchBytes);
                TIsa.Prefetch(packed + PrefetchBytes + 64);
                ulong mask = *masks;

                // One to four steps of four vectors, written out: the rotations of the mask are constants then.
                Step<V, TIsa>(ref packed, mask, 0, table, x, ref a0, ref a1, ref a2, ref a3);
                if (TIsa.Width == 8)
                {
                    Step<V, TIsa>(ref packed, mask, 32, table, x, ref a0, ref a1, ref a2, ref a3);
                }
                else if (TIsa.Width == 4)
                {
                    Step<V, TIsa>(ref packed, mask, 16, table, x, ref a0, ref a1, ref a2, ref a3);
                    Step<V, TIsa>(ref packed, mask, 32, table, x, ref a0, ref a1, ref a2, ref a3);
                    Step<V, TIsa>(ref packed, mask, 48, table, x, ref a0, ref a1, ref a2, ref a3);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Step<V, TIsa>(
            ref byte* packed, ulong mask, int start, byte* table, float* x, ref V a0, ref V a1, ref V a2, ref V a3)
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            TElements.Split<V, TIsa>(TIsa.SpreadWords(ref packed, mask, start, table), out V u, out V v);
            a0 = TIsa.MultiplyAdd(u, TIsa.Load(x + start), a0);
            a1 = TIsa.MultiplyAdd(v, TIsa.Load(x + start + TIsa.Width), a1);
            TElements.Split<V, TIsa>(TIsa.SpreadWords(ref packed, mask, start + (2 * TIsa.Width), table), out u, out v);
            a2 = TIsa.MultiplyAdd(u, TIsa.Load(x + start + (2 * TIsa.Width)), a2);
            a3 = TIsa.MultiplyAdd(v, TIsa.Load(x + start + (3 * TIsa.Width)), a3);
        }

        // The elements behind the last whole group, which lie spread at last.
        private readonly float FinishRow<V, TIsa>(byte* last, int done, V a0, V a1, V a2, V a3)
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            byte* row = last - (done * sizeof(ushort));
            int i = done;
            for (; i + (4 * TIsa.Width) <= Length; i += 4 * TIsa.Width)
            {
                TElements.LoadPair<V, TIsa>(row + (i * sizeof(ushort)), out V u, out V v);
                a0 = TIsa.MultiplyAdd(u, TIsa.Load(X + i), a0);
                a1 = TIsa.MultiplyAdd(v, TIsa.Load(X + i + TIsa.Width), a1);
                TElements.LoadPair<V, TIsa>(row + ((i + (2 * TIsa.Width)) * sizeof(ushort)), out u, out v);
                a2 = TIsa.MultiplyAdd(u, TIsa.Load(X + i + (2 * TIsa.Width)), a2);
                a3 = TIsa.MultiplyAdd(v, TIsa.Load(X + i + (3 * TIsa.Width)), a3);
            }

            return new DenseProduct<TElements> { Length = Length, X = X }.Finish<V, TIsa>(row, i, a0, a1, a2, a3);
        }
    }
}
