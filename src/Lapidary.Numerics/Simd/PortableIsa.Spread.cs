using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using B = Lapidary.Numerics.Simd.Vector128Pair;
using V = System.Runtime.Intrinsics.Vector128<float>;

namespace Lapidary.Numerics.Simd;

/// <content>Spreading packed elements.</content>
public readonly unsafe partial struct PortableIsa
{
    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V SpreadWords(ref byte* packed, ulong mask, int start, byte* table)
    {
        ulong entry = BitOperations.RotateRight(mask, start - 4) & 0xff0;
        Vector128<byte> words = SpreadTable.Shuffle(packed, Vector128.Load(table + entry));
        packed += 2 * (nint)SpreadTable.Count(entry);
        return words.AsSingle();
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void SplitBFloat16(V pairs, out V even, out V odd)
    {
        even = (pairs.AsUInt32() << 16).AsSingle();
        odd = (pairs.AsUInt32() & Vector128.Create(0xffff0000u)).AsSingle();
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void SplitHalf(V pairs, out V even, out V odd)
    {
        Vector128<int> mask = Vector128.Create(HalfScale.EvenOddMask);
        even = (((pairs.AsInt32() << 16) >> 3) & mask).AsSingle();
        odd = ((pairs.AsInt32() >> 3) & mask).AsSingle();
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static B SpreadBytes(ref byte* packed, uint mask, byte* first, byte* second)
    {
        // Rotations of 64 bits, which leave their source alone, where shifts need a copy of it.
        ulong bits = mask;
        byte* upper = packed + SpreadTable.Count(bits & 0xffff);
        Vector128<byte> firsts = SpreadTable.Shuffle(
            packed,
            Vector128.Load(first + (BitOperations.RotateRight(bits, 60) & 0xff0))
            + Vector128.Load(second + (BitOperations.RotateRight(bits, 4) & 0xff0)));
        Vector128<byte> lasts = SpreadTable.Shuffle(
            upper,
            Vector128.Load(first + (BitOperations.RotateRight(bits, 12) & 0xff0))
            + Vector128.Load(second + (BitOperations.RotateRight(bits, 20) & 0xff0)));
        packed += SpreadTable.Count(bits);
        return Sse2.IsSupported
            ? new B(
                Sse2.UnpackLow(firsts.AsUInt16(), lasts.AsUInt16()).AsByte(),
                Sse2.UnpackHigh(firsts.AsUInt16(), lasts.AsUInt16()).AsByte())
            : new B(
                (Vector128.WidenLower(firsts.AsUInt16()) | (Vector128.WidenLower(lasts.AsUInt16()) << 16)).AsByte(),
                (Vector128.WidenUpper(firsts.AsUInt16()) | (Vector128.WidenUpper(lasts.AsUInt16()) << 16)).AsByte());
    }
}
