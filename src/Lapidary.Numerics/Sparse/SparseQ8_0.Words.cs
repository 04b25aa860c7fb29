using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Lapidary.Numerics.Formats;
using Lapidary.Numerics.Simd;

namespace Lapidary.Numerics.Sparse;

/// <content>
/// The product with AVX2, up to a fifth faster than the one that is written for all instruction sets: quants are spread to the upper bytes of
/// words, which is 256 times their value, so they need neither signs nor magnitudes apart; two rows take turns, so that one computes while the
/// other waits.
/// </content>
internal readonly unsafe partial struct SparseQ8_0
{
    // Activations as words and their scales lie on the stack, 96 bytes a block.
    private const int MaxWordBlocks = 1024;

    // The factor 256 is taken out of the scales of x. It is exact, and so are the bits of the sums, as long as the product with any half scale, which
    // is 2^-24 to 2^16, is neither below the normal numbers nor above the finite ones.
    private const float SmallestScale = 1f / (1ul << 47) / (1ul << 47);

    private const float LargestScale = (float)(1ul << 50) * (1ul << 50);

    private static bool SuitsWords(in Activations x)
    {
        int blocks = x.Length / Block;
        if (!VectorDispatch.UsesAvx2 || VectorDispatch.UsesAvx512 || !Popcnt.X64.IsSupported || blocks is 0 or > MaxWordBlocks)
        {
            return false;
        }

        for (int block = 0; block < blocks; block++)
        {
            if (x.Scales[block] is not (0 or (>= SmallestScale and <= LargestScale)))
            {
                return false;
            }
        }

        return true;
    }

    private static void MultiplyWords(byte* records, long* offsets, int rowCount, in Activations x, float* y)
    {
        const int WordBytes = Block * sizeof(short), Lanes = 8;
        int blocks = x.Length / Block;
        byte* memory = stackalloc byte[(blocks * (WordBytes + (Lanes * sizeof(float)))) + WordBytes];
        var words = (short*)(((nuint)memory + WordBytes - 1) & ~(nuint)(WordBytes - 1));
        var scales = (float*)(words + (blocks * Block));
        Vector256<byte> inPairs = Vector256.Create(0x0d0c090805040100, 0x0f0e0b0a07060302, 0x0d0c090805040100, 0x0f0e0b0a07060302).AsByte();
        for (int block = 0; block < blocks; block++)
        {
            Vector256<byte> pairs = Avx2.Shuffle(Avx.LoadVector256((byte*)x.Quants + (block * Block)), inPairs);
            Vector256<sbyte> ordered = Avx2.Permute4x64(pairs.AsUInt64(), 0b11_01_10_00).AsSByte();
            Avx.Store(words + (block * Block), Avx2.ConvertToVector256Int16(ordered.GetLower()));
            Avx.Store(words + (block * Block) + 16, Avx2.ConvertToVector256Int16(ordered.GetUpper()));
            Avx.Store(scales + (block * Lanes), Vector256.Create(x.Scales[block] * (1f / 256)));
        }

        for (int row = 0; row < rowCount; row += 2)
        {
            // An odd row at the end is its own neighbour.
            int next = Math.Min(row + 1, rowCount - 1);
            MultiplyTwo(records + offsets[row], records + offsets[next], blocks, words, scales, HalfTable.Pointer, y + row, y + next);
        }
    }

    // A method of its own, so that the loop has the registers to itself.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void MultiplyTwo(
        byte* head, byte* neighbour, nint blocks, short* x, float* scales, float* halves, float* y, float* z)
    {
        const int PrefetchBytes = 1024;
        byte* table = SpreadTable.Wide;
        byte* packed = head + (blocks * BlockHead);
        byte* other = neighbour + (blocks * BlockHead);
        nint apart = (nint)(neighbour - head);
        Vector256<float> even = Vector256<float>.Zero, odd = even, otherEven = even, otherOdd = even;
        for (short* end = x + ((blocks & ~1) * Block); x < end; head += 2 * BlockHead, x += 2 * Block, scales += 16)
        {
            Sse.Prefetch0(packed + PrefetchBytes);
            Sse.Prefetch0(other + PrefetchBytes);
            even = AddBlock(even, ref packed, head, x, scales, halves, table);
            otherEven = AddBlock(otherEven, ref other, head + apart, x, scales, halves, table);
            odd = AddBlock(odd, ref packed, head + BlockHead, x + Block, scales + 8, halves, table);
            otherOdd = AddBlock(otherOdd, ref other, head + apart + BlockHead, x + Block, scales + 8, halves, table);
        }

        if ((blocks & 1) != 0)
        {
            even = AddBlock(even, ref packed, head, x, scales, halves, table);
            otherEven = AddBlock(otherEven, ref other, head + apart, x, scales, halves, table);
        }

        // A negative zero becomes a positive one, as in the dense product.
        *y = Avx2Isa.Sum(Avx.Add(even, odd)) + 0f;
        *z = Avx2Isa.Sum(Avx.Add(otherEven, otherOdd)) + 0f;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> AddBlock(
        Vector256<float> sum, ref byte* packed, byte* head, short* x, float* scale, float* halves, byte* table)
    {
        // The eight bits of a shuffle come to where the number of an entry stands times 64.
        ulong mask = *(uint*)(head + sizeof(ushort));
        byte* middle = packed + Popcnt.X64.PopCount(mask & 0xffff);
        Vector256<short> firsts = Avx2.Shuffle(
            Avx2.BroadcastVector128ToVector256(packed),
            Avx2.Add(
                Avx.LoadVector256(table + (BitOperations.RotateRight(mask, 58) & 0x3fc0)),
                Avx.LoadVector256(table + 32 + (BitOperations.RotateRight(mask, 2) & 0x3fc0)))).AsInt16();
        Vector256<short> lasts = Avx2.Shuffle(
            Avx2.BroadcastVector128ToVector256(middle),
            Avx2.Add(
                Avx.LoadVector256(table + (BitOperations.RotateRight(mask, 10) & 0x3fc0)),
                Avx.LoadVector256(table + 32 + (BitOperations.RotateRight(mask, 18) & 0x3fc0)))).AsInt16();
        packed += Popcnt.X64.PopCount(mask);
        Vector256<int> dot = Avx2.Add(
            Avx2.MultiplyAddAdjacent(firsts, Avx.LoadVector256(x)), Avx2.MultiplyAddAdjacent(lasts, Avx.LoadVector256(x + 16)));
        return Fma.MultiplyAdd(
            Avx.ConvertToVector256Single(dot),
            Avx.Multiply(Vector256.Create(halves[*(ushort*)head]), Avx.LoadVector256(scale)),
            sum);
    }
}
