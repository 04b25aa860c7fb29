using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using B = System.Runtime.Intrinsics.Vector256<byte>;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace Lapidary.Numerics.Simd;

/// <content>Spreading packed elements.</content>
public readonly unsafe partial struct Avx512Isa
{
    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V SpreadWords(ref byte* packed, ulong mask, int start, byte* table)
    {
        Vector256<float> lower = Avx2Isa.SpreadWords(ref packed, mask, start, table);
        return Vector512.Create(lower, Avx2Isa.SpreadWords(ref packed, mask, start + 16, table));
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void SplitBFloat16(V pairs, out V even, out V odd)
    {
        even = Avx512F.ShiftLeftLogical(pairs.AsUInt32(), 16).AsSingle();
        odd = Avx512F.And(pairs.AsUInt32(), Vector512.Create(0xffff0000u)).AsSingle();
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void SplitHalf(V pairs, out V even, out V odd)
    {
        Vector512<int> mask = Vector512.Create(HalfScale.EvenOddMask);
        even = Avx512F.And(Avx512F.ShiftRightArithmetic(Avx512F.ShiftLeftLogical(pairs.AsInt32(), 16), 3), mask).AsSingle();
        odd = Avx512F.And(Avx512F.ShiftRightArithmetic(pairs.AsInt32(), 3), mask).AsSingle();
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static B SpreadBytes(ref byte* packed, uint mask, byte* first, byte* second) =>
        Avx2Isa.SpreadBytes(ref packed, mask, first, second);
}
