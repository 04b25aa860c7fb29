using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace Lapidary.Numerics.Simd;

/// <content>Choices between elements, and the rounding to binary16.</content>
public readonly unsafe partial struct Avx512Isa
{
    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V SelectGreater(V left, V right, V whenTrue, V whenFalse) =>
        Avx512F.BlendVariable(whenFalse, whenTrue, Avx512F.CompareGreaterThan(left, right));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V SelectEqual(V left, V right, V whenTrue, V whenFalse) =>
        Avx512F.BlendVariable(whenFalse, whenTrue, Avx512F.CompareEqual(left, right));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void StoreHalf(ushort* destination, V value)
    {
        Vector512<uint> sign = Avx512F.And(value.AsUInt32(), Vector512.Create(HalfRounding.SignBit));
        Vector512<uint> size = Avx512F.Xor(value.AsUInt32(), sign);
        Vector512<uint> small = Avx512F.Subtract(
            Avx512F.Add(size.AsSingle(), Vector512.Create(HalfRounding.Half)).AsUInt32(), Vector512.Create(HalfRounding.HalfBits));
        Vector512<uint> cut = Avx512F.Min(size, Vector512.Create(HalfRounding.TooLarge));
        Vector512<uint> odd = Avx512F.And(Avx512F.ShiftRightLogical(cut, HalfRounding.Shift), Vector512<uint>.One);
        Vector512<uint> large = Avx512F.ShiftRightLogical(
            Avx512F.Add(Avx512F.Add(cut, odd), Vector512.Create(HalfRounding.Rebias)), HalfRounding.Shift);
        Vector512<uint> isSmall = Avx512F.CompareGreaterThan(Vector512.Create(HalfRounding.SmallestNormal), size);
        Vector512<uint> bits = Avx512F.BlendVariable(large, small, isSmall);
        Vector512<uint> quiet = Avx512F.AndNot(Avx512F.CompareEqual(value, value).AsUInt32(), Vector512.Create(HalfRounding.Quiet));
        bits = Avx512F.Or(Avx512F.Or(bits, quiet), Avx512F.ShiftRightLogical(sign, 16));
        Avx.Store(destination, Avx512F.ConvertToVector256UInt16(bits));
    }
}
