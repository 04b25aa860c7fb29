namespace Lapidary.Numerics.Simd;

/// <summary>
/// Operations that take a vector for what it is, <see cref="Width"/> words of 32 bits, and those that look into a number. All of them
/// are exact or correctly rounded, so that what is made of them is the same on every instruction set.
/// </summary>
public unsafe partial interface IVectorIsa<V>
    where V : struct
{
    /// <summary>The same 32 bits in every element.</summary>
    static abstract V CreateBits(uint bits);

    /// <summary>left AND right.</summary>
    static abstract V AndBits(V left, V right);

    /// <summary>left XOR right.</summary>
    static abstract V XorBits(V left, V right);

    /// <summary>left + right of 32-bit numbers, modulo 2^32.</summary>
    static abstract V AddBits(V left, V right);

    /// <summary>The 64 bits of left * right of unsigned 32-bit numbers, in two halves.</summary>
    static abstract void MultiplyBits(V left, V right, out V low, out V high);

    /// <summary>The value where the unsigned 32-bit number <paramref name="bits"/> is at least <paramref name="threshold"/>, elsewhere +0.</summary>
    static abstract V WhereAtLeast(V bits, V threshold, V value);

    /// <summary>Writes the upper 16 bits of every element: a number becomes the bfloat16 next to it towards zero.</summary>
    static abstract void StoreUpperHalves(ushort* destination, V value);

    /// <summary>The square root, correctly rounded.</summary>
    static abstract V Sqrt(V value);

    /// <summary>The largest integer that is not above the number.</summary>
    static abstract V Floor(V value);

    /// <summary>The e of positive normal numbers m * 2^e with 1 &lt;= m &lt; 2.</summary>
    static abstract V Exponent(V value);
}
