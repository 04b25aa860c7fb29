using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using B = System.Runtime.Intrinsics.Vector256<byte>;
using V = System.Runtime.Intrinsics.Vector256<float>;

namespace Lapidary.Numerics.Simd;

/// <content>Spreading packed elements.</content>
public readonly unsafe partial struct Avx2Isa
{
    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V SpreadWords(ref byte* packed, ulong mask, int start, byte* table) =>
        Vector256.Create(SpreadEight(ref packed, mask, start, table), SpreadEight(ref packed, mask, start + 8, table)).AsSingle();

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void SplitBFloat16(V pairs, out V even, out V odd)
    {
        even = Avx2.ShiftLeftLogical(pairs.AsUInt32(), 16).AsSingle();
        odd = Avx2.And(pairs.AsUInt32(), Vector256.Create(0xffff0000u)).AsSingle();
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void SplitHalf(V pairs, out V even, out V odd)
    {
        Vector256<int> mask = Vector256.Create(HalfScale.EvenOddMask);
        even = Avx2.And(Avx2.ShiftRightArithmetic(Avx2.ShiftLeftLogical(pairs.AsInt32(), 16), 3), mask).AsSingle();
        odd = Avx2.And(Avx2.ShiftRightArithmetic(pairs.AsInt32(), 3), mask).AsSingle();
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static B SpreadBytes(ref byte* packed, uint mask, byte* first, byte* second)
    {
        Vector128Pair halves = PortableIsa.SpreadBytes(ref packed, mask, first, second);
        return Vector256.Create(halves.Lower, halves.Upper);
    }

    // The eight bits of the mask come to where the number of an entry stands times 16: there they address it, and count the same.
    [MethodImpl(Inline)]
    internal static Vector128<byte> SpreadEight(ref byte* packed, ulong mask, int start, byte* table)
    {
        ulong entry = BitOperations.RotateRight(mask, start - 4) & 0xff0;
        Vector128<byte> words = SpreadTable.Shuffle(packed, Vector128.Load(table + entry));
        packed += 2 * (nint)SpreadTable.Count(entry);
        return words;
    }
}
