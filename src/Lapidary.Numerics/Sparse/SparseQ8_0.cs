using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Lapidary.Numerics.Formats;
using Lapidary.Numerics.Simd;

namespace Lapidary.Numerics.Sparse;

/// <summary>
/// Rows of Q8_0: per block of 32 its half scale and a mask of 32 bits, lowest bit first, together 6 bytes; then the quants that are not zero.
/// In a block the first two of each four quants come first, then the last two of each: products of 16 with 16 words, of which an instruction
/// adds two neighbours, then have the sums of four, which the dense product has, in two vectors at the same place.
/// </summary>
internal readonly unsafe partial struct SparseQ8_0 : ISparseRows
{
    private const int Block = 32;

    private const int BlockHead = sizeof(ushort) + sizeof(uint);

    private const int DenseBlock = sizeof(ushort) + Block;

    public static int GroupLength => Block;

    public static int HeadBytes => BlockHead;

    public static int ElementBytes => 1;

    public static int DenseBytes => DenseBlock;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int CountNonZeros(byte* row, int length)
    {
        int count = 0;
        for (int block = 0; block < length / Block; block++)
        {
            byte* quants = row + (block * DenseBlock) + sizeof(ushort);
            count += BitOperations.PopCount(MaskOf(Vector128.Load(quants), Vector128.Load(quants + 16)));
        }

        return count;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(byte* row, int length, byte* record)
    {
        int blocks = length / Block;
        byte* packed = record + (blocks * BlockHead);
        byte* ordered = stackalloc byte[Block];
        for (int block = 0; block < blocks; block++)
        {
            byte* source = row + (block * DenseBlock);
            byte* head = record + (block * BlockHead);
            Vector128<byte> lower = InPairs(source + sizeof(ushort)), upper = InPairs(source + sizeof(ushort) + 16);
            Vector128<byte> firsts = Vector128.Create(lower.GetLower(), upper.GetLower());
            Vector128<byte> lasts = Vector128.Create(lower.GetUpper(), upper.GetUpper());
            firsts.Store(ordered);
            lasts.Store(ordered + 16);
            uint mask = MaskOf(firsts, lasts);
            *(ushort*)head = *(ushort*)source;
            *(uint*)(head + sizeof(ushort)) = mask;
            for (; mask != 0; mask &= mask - 1)
            {
                *packed++ = ordered[BitOperations.TrailingZeroCount(mask)];
            }
        }
    }

    public static long CountPacked(byte* head, int groups)
    {
        long count = 0;
        for (int group = 0; group < groups; group++)
        {
            count += BitOperations.PopCount(*(uint*)(head + (group * BlockHead) + sizeof(ushort)));
        }

        return count;
    }

    public static void Expand(byte* head, byte* packed, int groups, byte* destination)
    {
        var kernel = new ExpandKernel { Head = head, Packed = packed, Blocks = groups, Destination = destination };
        VectorDispatch.RunBytes(ref kernel);
    }

    public static void MultiplyRows(byte* records, long* offsets, int rowCount, in Activations x, float* y)
    {
        if (SuitsWords(in x))
        {
            MultiplyWords(records, offsets, rowCount, in x, y);
            return;
        }

        var kernel = new ProductKernel
        {
            Records = records, Offsets = offsets, RowCount = rowCount, Blocks = x.Length / Block, X = x, Y = y, Halves = HalfTable.Pointer,
        };
        VectorDispatch.RunBytes(ref kernel);
    }

    // Of each four of 16 quants the first two, then of each four the last two.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> InPairs(byte* quants) =>
        Vector128.Shuffle(Vector128.Load(quants), Vector128.Create((byte)0, 1, 4, 5, 8, 9, 12, 13, 2, 3, 6, 7, 10, 11, 14, 15));

    // A bit for each of 32 quants that is not zero.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint MaskOf(Vector128<byte> first, Vector128<byte> last) =>
        ~(Vector128.Equals(first, Vector128<byte>.Zero).ExtractMostSignificantBits()
        | (Vector128.Equals(last, Vector128<byte>.Zero).ExtractMostSignificantBits() << 16));

    private struct ExpandKernel : IByteKernel
    {
        public byte* Head;
        public byte* Packed;
        public int Blocks;
        public byte* Destination;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<V, B, TIsa>()
            where V : struct
            where B : struct
            where TIsa : struct, IByteIsa<V, B>
        {
            byte* first = SpreadTable.First;
            byte* second = SpreadTable.Second;
            byte* packed = Packed;
            byte* head = Head;
            byte* target = Destination;
            for (int block = 0; block < Blocks; block++, head += BlockHead, target += DenseBlock)
            {
                *(ushort*)target = *(ushort*)head;
                TIsa.StoreBytes(
                    target + sizeof(ushort), TIsa.SpreadBytes(ref packed, *(uint*)(head + sizeof(ushort)), first, second));
            }
        }
    }

    /// <summary>As the product of <see cref="BlockOf32{TBlock}"/>: the same numbers meet in the same lanes in the same order.</summary>
    private struct ProductKernel : IByteKernel
    {
        private const int PrefetchBytes = 1024;

        public byte* Records;
        public long* Offsets;
        public int RowCount;
        public int Blocks;
        public Activations X;
        public float* Y;
        public float* Halves;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<V, B, TIsa>()
            where V : struct
            where B : struct
            where TIsa : struct, IByteIsa<V, B>
        {
            byte* first = SpreadTable.First;
            byte* second = SpreadTable.Second;
            float* halves = Halves;
            float* scales = X.Scales;
            nint blocks = Blocks;
            for (int row = 0; row < RowCount; row++)
            {
                byte* head = Records + Offsets[row];
                byte* packed = head + (blocks * BlockHead);
                var x = (byte*)X.Quants;
                V even = TIsa.Zero, odd = TIsa.Zero;
                nint b = 0;
                for (; b + 1 < blocks; b += 2, head += 2 * BlockHead, x += 2 * Block)
                {
                    TIsa.Prefetch(packed + PrefetchBytes);
                    V dot = TIsa.Dot(TIsa.SpreadBytes(ref packed, *(uint*)(head + sizeof(ushort)), first, second), TIsa.LoadBytes(x));
                    even = TIsa.MultiplyAdd(dot, TIsa.Create(halves[*(ushort*)head] * scales[b]), even);
                    dot = TIsa.Dot(
                        TIsa.SpreadBytes(ref packed, *(uint*)(head + BlockHead + sizeof(ushort)), first, second), TIsa.LoadBytes(x + Block));
                    odd = TIsa.MultiplyAdd(dot, TIsa.Create(halves[*(ushort*)(head + BlockHead)] * scales[b + 1]), odd);
                }

                if (b < blocks)
                {
                    V dot = TIsa.Dot(TIsa.SpreadBytes(ref packed, *(uint*)(head + sizeof(ushort)), first, second), TIsa.LoadBytes(x));
                    even = TIsa.MultiplyAdd(dot, TIsa.Create(halves[*(ushort*)head] * scales[b]), even);
                }

                // The dense product adds the minima of formats that have them, which turns a negative zero into a positive one.
                Y[row] = TIsa.Sum(TIsa.Add(even, odd)) + 0f;
            }
        }
    }
}
