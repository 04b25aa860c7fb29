using System.Runtime.CompilerServices;
using Lapidary.Numerics.Simd;

namespace Lapidary.Numerics.Formats.Encoding;

/// <summary>
/// Rounding as ggml's searches do it (<c>nearest_int</c>): 1.5 * 2^23 is added, which leaves the nearest integer, halves to even, in the
/// lower 23 bits of the sum. Numbers beyond 2^22, infinities and NaN give some number between -2^22 and 2^22 - 1, always the same one:
/// it is part of what makes the blocks those of ggml where a group is so small that its scale is zero or infinite.
/// </summary>
internal static class NearestInteger
{
    private const float Shift = 12582912f;
    private const int MantissaMask = 0x007fffff;
    private const int Centre = 0x00400000;

    // The exponent of the sums: with it, the lower bits are a float again that Shift can be taken from, exactly.
    private const uint Exponent = 0x4b000000;

    /// <summary>One number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Of(float value) => (BitConverter.SingleToInt32Bits(value + Shift) & MantissaMask) - Centre;

    /// <summary>A vector of numbers: the same integers as floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Of<V, TIsa>(V value)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        V lower = TIsa.AndBits(TIsa.Add(value, TIsa.Create(Shift)), TIsa.CreateBits(MantissaMask));
        return TIsa.Subtract(TIsa.XorBits(lower, TIsa.CreateBits(Exponent)), TIsa.Create(Shift));
    }
}
