namespace Lapidary.Numerics.Simd;

/// <summary>Choices between elements, and the rounding to binary16: exact, so that they are the same on every instruction set.</summary>
public unsafe partial interface IVectorIsa<V>
    where V : struct
{
    /// <summary>One number where left &gt; right, the other elsewhere and where one of them is NaN.</summary>
    static abstract V SelectGreater(V left, V right, V whenTrue, V whenFalse);

    /// <summary>One number where left = right, the other elsewhere and where one of them is NaN.</summary>
    static abstract V SelectEqual(V left, V right, V whenTrue, V whenFalse);

    /// <summary>
    /// Writes the nearest binary16 numbers, ties to even, infinities where they are too large. Of a NaN only that it is one is kept.
    /// </summary>
    static abstract void StoreHalf(ushort* destination, V value);
}
