using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using B = Lapidary.Numerics.Simd.Vector128Pair;
using V = System.Runtime.Intrinsics.Vector128<float>;

namespace Lapidary.Numerics.Simd;

/// <content>The integer operations of the block formats.</content>
public readonly unsafe partial struct PortableIsa : IByteIsa<V, B>
{
    /// <inheritdoc/>
    public static B ZeroBytes
    {
        [MethodImpl(Inline)]
        get => default;
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static B CreateBytes(byte value) => new(Vector128.Create(value), Vector128.Create(value));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static B LoadBytes(byte* source) => new(Vector128.Load(source), Vector128.Load(source + 16));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void StoreBytes(byte* destination, B value)
    {
        value.Lower.Store(destination);
        value.Upper.Store(destination + 16);
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static B LoadNibbles(byte* source)
    {
        Vector128<byte> bytes = Vector128.Load(source);
        return new B(bytes & Vector128.Create((byte)15), bytes >>> 4);
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static B ExpandBits(byte* source)
    {
        Vector128<byte> four = Vector128.CreateScalarUnsafe(*(uint*)source).AsByte();
        Vector128<byte> bits = Vector128.Create(0x8040201008040201).AsByte();
        Vector128<byte> lower = Vector128.Shuffle(four, Vector128.Create(0, 0x0101010101010101).AsByte());
        Vector128<byte> upper = Vector128.Shuffle(four, Vector128.Create(0x0202020202020202, 0x0303030303030303).AsByte());
        return new B(Vector128.Equals(lower & bits, bits), Vector128.Equals(upper & bits, bits));
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static B BitAnd(B left, B right) => new(left.Lower & right.Lower, left.Upper & right.Upper);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static B BitOr(B left, B right) => new(left.Lower | right.Lower, left.Upper | right.Upper);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static B SubtractBytes(B left, B right) => new(left.Lower - right.Lower, left.Upper - right.Upper);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static B ShiftLeft(B value, byte count) =>
        new((value.Lower.AsUInt16() << count).AsByte(), (value.Upper.AsUInt16() << count).AsByte());

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static B ShiftRight(B value, byte count) =>
        new((value.Lower.AsUInt16() >>> count).AsByte(), (value.Upper.AsUInt16() >>> count).AsByte());

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static B SubtractInts(B left, B right) =>
        FromInts(left.Lower.AsInt32() - right.Lower.AsInt32(), left.Upper.AsInt32() - right.Upper.AsInt32());

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static B ShiftIntsLeft(B value, byte count) => FromInts(value.Lower.AsInt32() << count, value.Upper.AsInt32() << count);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V Dot(B weights, sbyte* x) =>
        Vector128.ConvertToSingle(DotSixteen(weights.Lower, x) + DotSixteen(weights.Upper, x + 16));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V DotUnsigned(B weights, sbyte* x) => Dot(weights, x);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static B ArrangeScales(Vector128<sbyte> scales)
    {
        // The even scales in the lower, the odd ones in the upper half, as 16-bit numbers: a sign extension from either byte of a pair.
        Vector128<short> pairs = scales.AsInt16();
        return new B(((pairs << 8) >> 8).AsByte(), (pairs >> 8).AsByte());
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static B AddScaledDot(B sums, B weights, sbyte* x, B scales, int part)
    {
        Vector128<int> even = Vector128.Create((int)scales.Lower.AsInt16().GetElement(part));
        Vector128<int> odd = Vector128.Create((int)scales.Upper.AsInt16().GetElement(part));
        return FromInts(
            sums.Lower.AsInt32() + (DotSixteen(weights.Lower, x) * even),
            sums.Upper.AsInt32() + (DotSixteen(weights.Upper, x + 16) * odd));
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static B DotSums(Vector128<sbyte> factors, short* sums)
    {
        (Vector128<short> f0, Vector128<short> f1) = Vector128.Widen(factors);
        return FromInts(DotEight(f0, Vector128.Load(sums)), DotEight(f1, Vector128.Load(sums + 8)));
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V ToFloats(B sums) =>
        Vector128.ConvertToSingle(sums.Lower.AsInt32()) + Vector128.ConvertToSingle(sums.Upper.AsInt32());

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void StoreSByte(sbyte* destination, V value)
    {
        Vector128<int> rounded = Vector128.ConvertToInt32(Vector128.Round(value));
        Vector128<short> words = Vector128.Narrow(rounded, rounded);
        *(int*)destination = Vector128.Narrow(words, words).AsInt32().ToScalar();
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void Deinterleave(V first, V second, out V even, out V odd)
    {
        Vector128<int> separated = Vector128.Create(0, 2, 1, 3);
        Vector128<long> a = Vector128.Shuffle(first.AsInt32(), separated).AsInt64();
        Vector128<long> b = Vector128.Shuffle(second.AsInt32(), separated).AsInt64();
        even = Vector128.Create(a.GetLower(), b.GetLower()).AsSingle();
        odd = Vector128.Create(a.GetUpper(), b.GetUpper()).AsSingle();
    }

    [MethodImpl(Inline)]
    private static B FromInts(Vector128<int> lower, Vector128<int> upper) => new(lower.AsByte(), upper.AsByte());

    // 16 products added up in four sums. Two products of bytes fit into 16 bits because x is never -128.
    [MethodImpl(Inline)]
    private static Vector128<int> DotSixteen(Vector128<byte> weights, sbyte* x)
    {
        (Vector128<short> w0, Vector128<short> w1) = Vector128.Widen(weights.AsSByte());
        (Vector128<short> x0, Vector128<short> x1) = Vector128.Widen(Vector128.Load(x));
        (Vector128<int> s0, Vector128<int> s1) = Vector128.Widen((w0 * x0) + (w1 * x1));
        return s0 + s1;
    }

    [MethodImpl(Inline)]
    private static Vector128<int> DotEight(Vector128<short> left, Vector128<short> right)
    {
        (Vector128<int> l0, Vector128<int> l1) = Vector128.Widen(left);
        (Vector128<int> r0, Vector128<int> r1) = Vector128.Widen(right);
        return (l0 * r0) + (l1 * r1);
    }
}
