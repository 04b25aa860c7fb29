using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector128<float>;

namespace Lapidary.Numerics.Simd;

/// <content>Words of 32 bits, and a look into numbers.</content>
public readonly unsafe partial struct PortableIsa
{
    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V CreateBits(uint bits) => Vector128.Create(bits).AsSingle();

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V AndBits(V left, V right) => (left.AsUInt32() & right.AsUInt32()).AsSingle();

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V XorBits(V left, V right) => (left.AsUInt32() ^ right.AsUInt32()).AsSingle();

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V AddBits(V left, V right) => (left.AsUInt32() + right.AsUInt32()).AsSingle();

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void MultiplyBits(V left, V right, out V low, out V high)
    {
        Vector128<ulong> first = Vector128.WidenLower(left.AsUInt32()) * Vector128.WidenLower(right.AsUInt32());
        Vector128<ulong> last = Vector128.WidenUpper(left.AsUInt32()) * Vector128.WidenUpper(right.AsUInt32());
        low = Vector128.Narrow(first, last).AsSingle();
        high = Vector128.Narrow(first >>> 32, last >>> 32).AsSingle();
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V WhereAtLeast(V bits, V threshold, V value) =>
        (Vector128.GreaterThanOrEqual(bits.AsUInt32(), threshold.AsUInt32()) & value.AsUInt32()).AsSingle();

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void StoreUpperHalves(ushort* destination, V value)
    {
        Vector128<uint> upper = value.AsUInt32() >>> 16;
        Vector128.Narrow(upper, upper).GetLower().Store(destination);
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V Sqrt(V value) => Vector128.Sqrt(value);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V Floor(V value) => Vector128.Floor(value);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V Exponent(V value) =>
        Vector128.ConvertToSingle((value.AsUInt32() >>> 23).AsInt32() - Vector128.Create(127));
}
