using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace Lapidary.Numerics.Simd;

/// <content>Words of 32 bits, and a look into numbers.</content>
public readonly unsafe partial struct Avx512Isa
{
    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V CreateBits(uint bits) => Vector512.Create(bits).AsSingle();

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V AndBits(V left, V right) => Avx512F.And(left.AsUInt32(), right.AsUInt32()).AsSingle();

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V XorBits(V left, V right) => Avx512F.Xor(left.AsUInt32(), right.AsUInt32()).AsSingle();

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V AddBits(V left, V right) => Avx512F.Add(left.AsUInt32(), right.AsUInt32()).AsSingle();

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void MultiplyBits(V left, V right, out V low, out V high)
    {
        Vector512<uint> a = left.AsUInt32(), b = right.AsUInt32();
        Vector512<ulong> even = Avx512F.Multiply(a, b);
        Vector512<ulong> odd = Avx512F.Multiply(
            Avx512F.ShiftRightLogical(a.AsUInt64(), 32).AsUInt32(), Avx512F.ShiftRightLogical(b.AsUInt64(), 32).AsUInt32());
        Vector512<ulong> upper = Vector512.Create(0xffff_ffff_0000_0000UL);
        low = Avx512F.MultiplyLow(a, b).AsSingle();
        high = Avx512F.Or(Avx512F.ShiftRightLogical(even, 32), Avx512F.And(odd, upper)).AsSingle();
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V WhereAtLeast(V bits, V threshold, V value) =>
        Avx512F.And(Avx512F.CompareGreaterThanOrEqual(bits.AsUInt32(), threshold.AsUInt32()), value.AsUInt32()).AsSingle();

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void StoreUpperHalves(ushort* destination, V value) =>
        Avx.Store(destination, Avx512F.ConvertToVector256UInt16(Avx512F.ShiftRightLogical(value.AsUInt32(), 16)));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V Sqrt(V value) => Avx512F.Sqrt(value);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V Floor(V value) => Avx512F.RoundScale(value, 1);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V Exponent(V value) => Avx512F.GetExponent(value);
}
