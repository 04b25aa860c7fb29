namespace Lapidary.Numerics.Simd;

/// <summary>
/// Constants of the rounding from binary32 to binary16 in integer arithmetic. From 2^-14 on, the 13 bits that are dropped are rounded by
/// adding just under half of their unit, and one more where the bit above them is odd; a carry runs into the exponent as it should. Below,
/// adding 1/2 makes the processor's own rounding keep exactly the bits of a subnormal half, at the bottom of the sum.
/// </summary>
internal static class HalfRounding
{
    /// <summary>The sign of a binary32.</summary>
    public const uint SignBit = 0x80000000;

    /// <summary>Bits of a binary32's mantissa that a binary16 has not.</summary>
    public const byte Shift = 13;

    /// <summary>The difference of the exponents' biases, 127 - 15 = 112, taken away, and just under half of the unit that remains.</summary>
    public const uint Rebias = unchecked((uint)(-(112 << 23) + 0xfff));

    /// <summary>2^-14 as a binary32.</summary>
    public const uint SmallestNormal = 113u << 23;

    /// <summary>2^16 as a binary32: it and everything above becomes infinite.</summary>
    public const uint TooLarge = 143u << 23;

    /// <summary>The number whose unit in the last place is that of the subnormal halves, 2^-24.</summary>
    public const float Half = 0.5f;

    /// <summary>The bits of <see cref="Half"/>.</summary>
    public const uint HalfBits = 126u << 23;

    /// <summary>What makes an infinity of a binary16 a quiet NaN.</summary>
    public const uint Quiet = 0x200;

    /// <summary>
    /// The bits of the nearest binary16 of one number. The conversion of the runtime gives the same, but takes as long as the rest of a block:
    /// on the way it makes subnormal floats, which processors compute in microcode.
    /// </summary>
    public static ushort Of(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value), sign = bits & SignBit, size = bits ^ sign;
        uint half = size < SmallestNormal
            ? BitConverter.SingleToUInt32Bits(BitConverter.UInt32BitsToSingle(size) + Half) - HalfBits
            : unchecked(Math.Min(size, TooLarge) + Rebias + ((Math.Min(size, TooLarge) >> Shift) & 1)) >> Shift;
        return (ushort)(half | (sign >> 16) | (float.IsNaN(value) ? Quiet : 0));
    }
}
