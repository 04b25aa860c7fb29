namespace Lapidary.Numerics.Simd;

/// <summary>
/// What a kernel needs from an instruction set, on vectors <typeparamref name="V"/> of <see cref="Width"/> floats. A kernel is
/// written once over this interface; the just-in-time compiler makes a copy per implementation with every call inlined.
/// </summary>
public unsafe partial interface IVectorIsa<V>
    where V : struct
{
    /// <summary>Floats in a vector.</summary>
    static abstract int Width { get; }

    /// <summary>Rows of the matrix-product micro-kernel (which is two vectors wide) that fit into the registers.</summary>
    static abstract int ProductRows { get; }

    /// <summary>All zeros.</summary>
    static abstract V Zero { get; }

    /// <summary>The same number in every element.</summary>
    static abstract V Create(float value);

    /// <summary>Reads a vector from an address of any alignment.</summary>
    static abstract V Load(float* source);

    /// <summary>Writes a vector to an address of any alignment.</summary>
    static abstract void Store(float* destination, V value);

    /// <summary>left + right.</summary>
    static abstract V Add(V left, V right);

    /// <summary>left - right.</summary>
    static abstract V Subtract(V left, V right);

    /// <summary>left * right.</summary>
    static abstract V Multiply(V left, V right);

    /// <summary>left / right.</summary>
    static abstract V Divide(V left, V right);

    /// <summary>left * right + addend, fused where the instruction set has it.</summary>
    static abstract V MultiplyAdd(V left, V right, V addend);

    /// <summary>The larger of each pair.</summary>
    static abstract V Max(V left, V right);

    /// <summary>The smaller of each pair.</summary>
    static abstract V Min(V left, V right);

    /// <summary>The nearest integers, halves to even.</summary>
    static abstract V Round(V value);

    /// <summary>value * 2^exponent, for integral exponents between -126 and 127.</summary>
    static abstract V ScaleByPowerOfTwo(V value, V exponent);

    /// <summary>The sum of all elements, always in the same order.</summary>
    static abstract float Sum(V value);

    /// <summary>The largest element.</summary>
    static abstract float MaxElement(V value);

    /// <summary>Widens <see cref="Width"/> bfloat16 numbers.</summary>
    static abstract V LoadBFloat16(ushort* source);

    /// <summary>Widens <see cref="Width"/> binary16 numbers, infinities and NaN included.</summary>
    static abstract V LoadHalf(ushort* source);

    /// <summary>
    /// Widens two vectors of bfloat16 numbers without shuffling: those at even and those at odd positions. Two cheap instructions a
    /// vector, where widening in order takes a shuffle more.
    /// </summary>
    static abstract void LoadBFloat16EvenOdd(ushort* source, out V even, out V odd);

    /// <summary>As <see cref="LoadBFloat16EvenOdd"/> for finite binary16 numbers, which come out multiplied by 2^-112.</summary>
    static abstract void LoadHalfEvenOdd(ushort* source, out V even, out V odd);

    /// <summary>Converts <see cref="Width"/> signed bytes.</summary>
    static abstract V LoadSByte(sbyte* source);

    /// <summary>
    /// Transposes a square of <see cref="Width"/> x <see cref="Width"/> floats; strides are in floats.
    /// </summary>
    static abstract void Transpose(float* source, nint sourceStride, float* destination, nint destinationStride);

    /// <summary>Asks for the cache line at an address that need not be mapped.</summary>
    static abstract void Prefetch(void* address);
}
