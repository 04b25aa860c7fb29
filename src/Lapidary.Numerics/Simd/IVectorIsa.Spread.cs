namespace Lapidary.Numerics.Simd;

/// <content>What rows without their zeros need.</content>
public unsafe partial interface IVectorIsa<V>
{
    /// <summary>
    /// Spreads packed 16-bit elements over 2 * <see cref="Width"/> positions, those whose bit is set; the others become zeros.
    /// </summary>
    /// <param name="packed">
    /// The elements; moved behind those that were taken. Up to a vector behind them is read.
    /// </param>
    /// <param name="mask">The bits of 64 positions, the first lowest.</param>
    /// <param name="start">Position of the first bit that counts, a multiple of 8; a constant, or the rotations are not.</param>
    /// <param name="table"><see cref="SpreadTable.Words"/>.</param>
    static abstract V SpreadWords(ref byte* packed, ulong mask, int start, byte* table);

    /// <summary>As <see cref="LoadBFloat16EvenOdd"/>, of numbers that are in a vector.</summary>
    static abstract void SplitBFloat16(V pairs, out V even, out V odd);

    /// <summary>As <see cref="LoadHalfEvenOdd"/>, of numbers that are in a vector.</summary>
    static abstract void SplitHalf(V pairs, out V even, out V odd);
}
