using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using V = System.Runtime.Intrinsics.Vector256<float>;

namespace Lapidary.Numerics.Simd;

/// <content>Words of 32 bits, and a look into numbers.</content>
public readonly unsafe partial struct Avx2Isa
{
    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V CreateBits(uint bits) => Vector256.Create(bits).AsSingle();

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V AndBits(V left, V right) => Avx.And(left, right);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V XorBits(V left, V right) => Avx.Xor(left, right);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V AddBits(V left, V right) => Avx2.Add(left.AsUInt32(), right.AsUInt32()).AsSingle();

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void MultiplyBits(V left, V right, out V low, out V high)
    {
        Vector256<uint> a = left.AsUInt32(), b = right.AsUInt32();
        Vector256<ulong> even = Avx2.Multiply(a, b);
        Vector256<ulong> odd = Avx2.Multiply(
            Avx2.ShiftRightLogical(a.AsUInt64(), 32).AsUInt32(), Avx2.ShiftRightLogical(b.AsUInt64(), 32).AsUInt32());
        low = Avx2.MultiplyLow(a, b).AsSingle();
        high = Avx2.Blend(Avx2.ShiftRightLogical(even, 32).AsUInt32(), odd.AsUInt32(), 0b10101010).AsSingle();
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V WhereAtLeast(V bits, V threshold, V value)
    {
        Vector256<uint> larger = Avx2.Max(bits.AsUInt32(), threshold.AsUInt32());
        return Avx.And(Avx2.CompareEqual(larger, bits.AsUInt32()).AsSingle(), value);
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void StoreUpperHalves(ushort* destination, V value)
    {
        // Values below 2^16, so that packing with saturation changes none; it works on halves, which the permutation brings together.
        Vector256<int> upper = Avx2.ShiftRightLogical(value.AsInt32(), 16);
        Vector256<ulong> packed = Avx2.Permute4x64(Avx2.PackUnsignedSaturate(upper, upper).AsUInt64(), 0b1000);
        Sse2.Store(destination, packed.GetLower().AsUInt16());
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V Sqrt(V value) => Avx.Sqrt(value);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V Floor(V value) => Avx.Floor(value);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V Exponent(V value) =>
        Avx.ConvertToVector256Single(Avx2.Subtract(Avx2.ShiftRightLogical(value.AsInt32(), 23), Vector256.Create(127)));
}
