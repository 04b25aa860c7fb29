using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using V = System.Runtime.Intrinsics.Vector128<float>;

namespace Lapidary.Numerics.Simd;

/// <content>Choices between elements, and the rounding to binary16.</content>
public readonly unsafe partial struct PortableIsa
{
    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V SelectGreater(V left, V right, V whenTrue, V whenFalse) =>
        Vector128.ConditionalSelect(Vector128.GreaterThan(left, right), whenTrue, whenFalse);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V SelectEqual(V left, V right, V whenTrue, V whenFalse) =>
        Vector128.ConditionalSelect(Vector128.Equals(left, right), whenTrue, whenFalse);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void StoreHalf(ushort* destination, V value)
    {
        Vector128<uint> sign = value.AsUInt32() & Vector128.Create(HalfRounding.SignBit);
        Vector128<uint> size = value.AsUInt32() ^ sign;
        Vector128<uint> small = (size.AsSingle() + Vector128.Create(HalfRounding.Half)).AsUInt32() - Vector128.Create(HalfRounding.HalfBits);
        Vector128<uint> cut = Vector128.Min(size, Vector128.Create(HalfRounding.TooLarge));
        Vector128<uint> odd = (cut >>> HalfRounding.Shift) & Vector128<uint>.One;
        Vector128<uint> large = (cut + odd + Vector128.Create(HalfRounding.Rebias)) >>> HalfRounding.Shift;
        Vector128<uint> isSmall = Vector128.GreaterThan(Vector128.Create(HalfRounding.SmallestNormal), size);
        Vector128<uint> bits = Vector128.ConditionalSelect(isSmall, small, large);
        Vector128<uint> quiet = Vector128.AndNot(Vector128.Create(HalfRounding.Quiet), Vector128.Equals(value, value).AsUInt32());
        bits = bits | quiet | (sign >>> 16);
        Vector128.Narrow(bits, bits).GetLower().Store(destination);
    }
}
