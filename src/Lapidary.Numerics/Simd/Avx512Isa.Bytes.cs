using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using B = System.Runtime.Intrinsics.Vector256<byte>;
using V = System.Runtime.Intrinsics.Vector512<float>;

namespace Lapidary.Numerics.Simd;

/// <content>
/// The integer operations of the block formats. A block of 32 bytes is unpacked with the 256-bit instructions, of which a core starts
/// three a cycle where it starts two of 512 bits; its product widens to 16 bits, so that one multiply-add does the 32 products.
/// </content>
public readonly unsafe partial struct Avx512Isa : IByteIsa<V, B>
{
    /// <inheritdoc/>
    public static B ZeroBytes
    {
        [MethodImpl(Inline)]
        get => B.Zero;
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static B CreateBytes(byte value) => Avx2Isa.CreateBytes(value);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static B LoadBytes(byte* source) => Avx2Isa.LoadBytes(source);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void StoreBytes(byte* destination, B value) => Avx2Isa.StoreBytes(destination, value);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static B LoadNibbles(byte* source) => Avx2Isa.LoadNibbles(source);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static B ExpandBits(byte* source) => Avx2Isa.ExpandBits(source);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static B BitAnd(B left, B right) => Avx2Isa.BitAnd(left, right);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static B BitOr(B left, B right) => Avx2Isa.BitOr(left, right);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static B SubtractBytes(B left, B right) => Avx2Isa.SubtractBytes(left, right);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static B ShiftLeft(B value, byte count) => Avx2Isa.ShiftLeft(value, count);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static B ShiftRight(B value, byte count) => Avx2Isa.ShiftRight(value, count);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static B SubtractInts(B left, B right) => Avx2Isa.SubtractInts(left, right);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static B ShiftIntsLeft(B value, byte count) => Avx2Isa.ShiftIntsLeft(value, count);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V Dot(B weights, sbyte* x)
    {
        Vector512<short> w = Avx512BW.ConvertToVector512Int16(weights.AsSByte());
        Vector512<short> a = Avx512BW.ConvertToVector512Int16(Avx.LoadVector256(x));
        return Avx512F.ConvertToVector512Single(Avx512BW.MultiplyAddAdjacent(w, a));
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V DotUnsigned(B weights, sbyte* x) => Dot(weights, x);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static B ArrangeScales(Vector128<sbyte> scales) => Avx2Isa.ArrangeScales(scales);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static B AddScaledDot(B sums, B weights, sbyte* x, B scales, int part) =>
        Avx2Isa.AddScaledDot(sums, weights, x, scales, part);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static B DotSums(Vector128<sbyte> factors, short* sums) => Avx2Isa.DotSums(factors, sums);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V ToFloats(B sums) => Avx2Isa.ToFloats(sums).ToVector512();

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void StoreSByte(sbyte* destination, V value) =>
        Sse2.Store(destination, Avx512F.ConvertToVector128SByteWithSaturation(Avx512F.ConvertToVector512Int32(value)));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void Deinterleave(V first, V second, out V even, out V odd)
    {
        Vector512<int> positions = Vector512.Create(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
        even = Avx512F.PermuteVar16x32x2(first, positions, second);
        odd = Avx512F.PermuteVar16x32x2(first, Avx512F.Or(positions, Vector512.Create(1)), second);
    }
}
