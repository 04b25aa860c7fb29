using System.Runtime.Intrinsics;

namespace Lapidary.Numerics.Simd;

/// <summary>
/// What the block formats need on top of <see cref="IVectorIsa{V}"/>: integer vectors <typeparamref name="B"/> of 32 bytes, which is
/// one block of 32 quants, whatever the width of the float vectors. Like <c>__m256i</c>, a B is bits: 32 bytes, 16 signed 16-bit or
/// 8 signed 32-bit numbers, as the operation says. All integer results are exact.
/// </summary>
public unsafe interface IByteIsa<V, B> : IVectorIsa<V>
    where V : struct
    where B : struct
{
    /// <summary>All bits zero.</summary>
    static abstract B ZeroBytes { get; }

    /// <summary>The same byte 32 times.</summary>
    static abstract B CreateBytes(byte value);

    /// <summary>Reads 32 bytes from an address of any alignment.</summary>
    static abstract B LoadBytes(byte* source);

    /// <summary>Writes 32 bytes to an address of any alignment.</summary>
    static abstract void StoreBytes(byte* destination, B value);

    /// <summary>Reads 16 bytes and gives their low nibbles, then their high nibbles.</summary>
    static abstract B LoadNibbles(byte* source);

    /// <summary>Reads 4 bytes and gives 255 for every bit that is set, 0 for every other, lowest bit first.</summary>
    static abstract B ExpandBits(byte* source);

    /// <summary>
    /// Spreads packed bytes over 32 positions, those whose bit is set; the others become zeros.
    /// </summary>
    /// <param name="packed">The bytes; moved behind those that were taken. Up to 16 behind them are read.</param>
    /// <param name="mask">
    /// A bit for each position in the order in which the bytes are packed, the first lowest: the first two of each four positions, 0, 1, 4, 5, to
    /// 29, then the last two of each.
    /// </param>
    /// <param name="first"><see cref="SpreadTable.First"/>.</param>
    /// <param name="second"><see cref="SpreadTable.Second"/>.</param>
    static abstract B SpreadBytes(ref byte* packed, uint mask, byte* first, byte* second);

    /// <summary>left AND right.</summary>
    static abstract B BitAnd(B left, B right);

    /// <summary>left OR right.</summary>
    static abstract B BitOr(B left, B right);

    /// <summary>left - right, byte by byte, modulo 256.</summary>
    static abstract B SubtractBytes(B left, B right);

    /// <summary>Shifts 16-bit elements to the left; what a byte gets from its neighbour is for the caller to mask.</summary>
    static abstract B ShiftLeft(B value, byte count);

    /// <summary>Shifts 16-bit elements to the right; what a byte gets from its neighbour is for the caller to mask.</summary>
    static abstract B ShiftRight(B value, byte count);

    /// <summary>left - right of 32-bit numbers.</summary>
    static abstract B SubtractInts(B left, B right);

    /// <summary>Shifts 32-bit numbers to the left.</summary>
    static abstract B ShiftIntsLeft(B value, byte count);

    /// <summary>
    /// Partial sums of the product of 32 signed bytes with 32 activations between -127 and 127; their total is the product. Any
    /// weights will do, -128 included.
    /// </summary>
    static abstract V Dot(B weights, B x);

    /// <summary>As <see cref="Dot"/>, for weights between 0 and 127.</summary>
    static abstract V DotUnsigned(B weights, B x);

    /// <summary>Arranges 16 scales for <see cref="AddScaledDot"/>.</summary>
    static abstract B ArrangeScales(Vector128<sbyte> scales);

    /// <summary>
    /// Adds to the 32-bit partial sums the product of 32 weights between 0 and 127 with activations between -127 and 127, the first
    /// 16 products multiplied by scale 2 * <paramref name="part"/>, the others by the next.
    /// </summary>
    /// <param name="sums">8 partial sums.</param>
    /// <param name="weights">32 bytes.</param>
    /// <param name="x">32 activations.</param>
    /// <param name="scales">What <see cref="ArrangeScales"/> gave.</param>
    /// <param name="part">0 to 7; a constant, or the shuffle is not.</param>
    static abstract B AddScaledDot(B sums, B weights, sbyte* x, B scales, int part);

    /// <summary>8 partial sums, of 32 bits, of the product of 16 signed bytes with 16 signed 16-bit numbers.</summary>
    static abstract B DotSums(Vector128<sbyte> factors, short* sums);

    /// <summary>
    /// Converts 8 partial sums to floats in a vector with the same total, as it would be in exact arithmetic (each is rounded once).
    /// </summary>
    static abstract V ToFloats(B sums);

    /// <summary>
    /// Rounds to the nearest integers, halves to even, and writes them as <see cref="IVectorIsa{V}.Width"/> bytes. The numbers must lie
    /// between -128 and 127.
    /// </summary>
    static abstract void StoreSByte(sbyte* destination, V value);

    /// <summary>Of the elements of two vectors in a row: those at even and those at odd positions.</summary>
    static abstract void Deinterleave(V first, V second, out V even, out V odd);
}
