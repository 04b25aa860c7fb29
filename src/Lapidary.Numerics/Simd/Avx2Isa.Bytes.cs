using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using B = System.Runtime.Intrinsics.Vector256<byte>;
using V = System.Runtime.Intrinsics.Vector256<float>;

// The counts of the shifts become constants when the caller's loop is compiled with everything inlined.
#pragma warning disable CA1857

namespace Lapidary.Numerics.Simd;

/// <content>The integer operations of the block formats.</content>
public readonly unsafe partial struct Avx2Isa : IByteIsa<V, B>
{
    /// <inheritdoc/>
    public static B ZeroBytes
    {
        [MethodImpl(Inline)]
        get => B.Zero;
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static B CreateBytes(byte value) => Vector256.Create(value);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static B LoadBytes(byte* source) => Avx.LoadVector256(source);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void StoreBytes(byte* destination, B value) => Avx.Store(destination, value);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static B LoadNibbles(byte* source)
    {
        Vector256<uint> twice = Avx2.BroadcastVector128ToVector256((uint*)source);
        Vector256<uint> shifted = Avx2.ShiftRightLogicalVariable(twice, Vector256.Create(0u, 0, 0, 0, 4, 4, 4, 4));
        return Avx2.And(shifted.AsByte(), Vector256.Create((byte)15));
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static B ExpandBits(byte* source)
    {
        B four = Vector256.Create(*(uint*)source).AsByte();
        B spread = Avx2.Shuffle(four, Vector256.Create(0, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303).AsByte());
        B bits = Vector256.Create(0x8040201008040201).AsByte();
        return Avx2.CompareEqual(Avx2.And(spread, bits), bits);
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static B BitAnd(B left, B right) => Avx2.And(left, right);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static B BitOr(B left, B right) => Avx2.Or(left, right);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static B SubtractBytes(B left, B right) => Avx2.Subtract(left, right);

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static B ShiftLeft(B value, byte count) => Avx2.ShiftLeftLogical(value.AsUInt16(), count).AsByte();

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static B ShiftRight(B value, byte count) => Avx2.ShiftRightLogical(value.AsUInt16(), count).AsByte();

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static B SubtractInts(B left, B right) => Avx2.Subtract(left.AsInt32(), right.AsInt32()).AsByte();

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static B ShiftIntsLeft(B value, byte count) => Avx2.ShiftLeftLogical(value.AsInt32(), count).AsByte();

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V Dot(B weights, sbyte* x)
    {
        // |w| as an unsigned byte holds 128, and 2 * 128 * 127 fits into 16 bits: exact for every weight because x is never -128.
        Vector256<sbyte> signed = Avx2.Sign(Avx.LoadVector256(x), weights.AsSByte());
        return SumQuads(Avx2.MultiplyAddAdjacent(Avx2.Abs(weights.AsSByte()), signed));
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V DotUnsigned(B weights, sbyte* x) => SumQuads(Avx2.MultiplyAddAdjacent(weights, Avx.LoadVector256(x)));

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static B ArrangeScales(Vector128<sbyte> scales)
    {
        // The even scales in the lower half, the odd ones in the upper, for a shuffle that stays inside the halves.
        Vector128<byte> order = Vector128.Create(0x0e0c0a0806040200, 0x0f0d0b0907050301).AsByte();
        return Avx2.ConvertToVector256Int16(Ssse3.Shuffle(scales.AsByte(), order).AsSByte()).AsByte();
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static B AddScaledDot(B sums, B weights, sbyte* x, B scales, int part)
    {
        Vector256<short> pairs = Avx2.MultiplyAddAdjacent(weights, Avx.LoadVector256(x));
        B chosen = Avx2.Shuffle(scales, Vector256.Create((short)(0x0100 + (0x0202 * part))).AsByte());
        return Avx2.Add(sums.AsInt32(), Avx2.MultiplyAddAdjacent(pairs, chosen.AsInt16())).AsByte();
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static B DotSums(Vector128<sbyte> factors, short* sums) =>
        Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(factors), Avx.LoadVector256(sums)).AsByte();

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static V ToFloats(B sums) => Avx.ConvertToVector256Single(sums.AsInt32());

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void StoreSByte(sbyte* destination, V value)
    {
        Vector256<int> rounded = Avx.ConvertToVector256Int32(value);
        Vector128<short> words = Sse2.PackSignedSaturate(rounded.GetLower(), rounded.GetUpper());
        *(long*)destination = Sse2.PackSignedSaturate(words, words).AsInt64().ToScalar();
    }

    /// <inheritdoc/>
    [MethodImpl(Inline)]
    public static void Deinterleave(V first, V second, out V even, out V odd)
    {
        // The shuffle works inside the halves; the permutation puts its quarters in order.
        even = Avx2.Permute4x64(Avx.Shuffle(first, second, 0x88).AsDouble(), 0xd8).AsSingle();
        odd = Avx2.Permute4x64(Avx.Shuffle(first, second, 0xdd).AsDouble(), 0xd8).AsSingle();
    }

    [MethodImpl(Inline)]
    private static V SumQuads(Vector256<short> pairs) =>
        Avx.ConvertToVector256Single(Avx2.MultiplyAddAdjacent(pairs, Vector256.Create((short)1)));
}
