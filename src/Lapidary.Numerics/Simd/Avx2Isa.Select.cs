using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using V = System.Runtime.Intrinsics.Vector256<float>;

namespace Lapidary.Numerics.Simd;

/// <content>Choices between elements, and the rounding to binary16.</content>
public readonly unsafe partial struct Avx2Isa
{
    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V SelectGreater(V left, V right, V whenTrue, V whenFalse) =>
        Avx.BlendVariable(whenFalse, whenTrue, Avx.CompareGreaterThan(left, right));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V SelectEqual(V left, V right, V whenTrue, V whenFalse) =>
        Avx.BlendVariable(whenFalse, whenTrue, Avx.CompareEqual(left, right));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void StoreHalf(ushort* destination, V value)
    {
        Vector256<uint> sign = Avx2.And(value.AsUInt32(), Vector256.Create(HalfRounding.SignBit));
        Vector256<uint> size = Avx2.Xor(value.AsUInt32(), sign);
        Vector256<uint> small = Avx2.Subtract(
            Avx.Add(size.AsSingle(), Vector256.Create(HalfRounding.Half)).AsUInt32(), Vector256.Create(HalfRounding.HalfBits));
        Vector256<uint> cut = Avx2.Min(size, Vector256.Create(HalfRounding.TooLarge));
        Vector256<uint> odd = Avx2.And(Avx2.ShiftRightLogical(cut, HalfRounding.Shift), Vector256<uint>.One);
        Vector256<uint> large = Avx2.ShiftRightLogical(
            Avx2.Add(Avx2.Add(cut, odd), Vector256.Create(HalfRounding.Rebias)), HalfRounding.Shift);
        Vector256<uint> isSmall = Avx2.CompareGreaterThan(Vector256.Create((int)HalfRounding.SmallestNormal), size.AsInt32()).AsUInt32();
        Vector256<uint> bits = Avx2.BlendVariable(large, small, isSmall);
        Vector256<uint> quiet = Avx2.AndNot(Avx.CompareEqual(value, value).AsUInt32(), Vector256.Create(HalfRounding.Quiet));
        bits = Avx2.Or(Avx2.Or(bits, quiet), Avx2.ShiftRightLogical(sign, 16));
        Vector256<ulong> packed = Avx2.Permute4x64(Avx2.PackUnsignedSaturate(bits.AsInt32(), bits.AsInt32()).AsUInt64(), 0b1000);
        Sse2.Store(destination, packed.GetLower().AsUInt16());
    }
}
