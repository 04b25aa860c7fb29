namespace Lapidary.Numerics.Simd;

/// <summary>
/// Constants of the shift from binary16 to binary32: moved into place, a half's exponent reads 112 too low, so the number is 2^112 too
/// small. This holds for subnormal halves too.
/// </summary>
internal static class HalfScale
{
    /// <summary>2^112.</summary>
    public const float Value = 5.192296858534828e33f;

    /// <summary>The sign and the exponent and mantissa of a half after an arithmetic shift from the upper half-word to the right by 3.</summary>
    public const int EvenOddMask = unchecked((int)0x8fffe000);
}
