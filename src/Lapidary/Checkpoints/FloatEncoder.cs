using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Lapidary.Numerics;

namespace Lapidary.Checkpoints;

/// <summary>Rounds float32 to the plain types of checkpoints, to nearest even.</summary>
internal static class FloatEncoder
{
    private const uint Infinity = 0x7F80_0000;

    /// <summary>
    /// The first magnitude, as bits, that becomes infinite in a type: 65520, halfway between the largest half and the next power, for F16,
    /// and likewise for BF16.
    /// </summary>
    public static uint OverflowBits(ElementType type) => type switch
    {
        ElementType.F16 => BitConverter.SingleToUInt32Bits(65520f),
        ElementType.BF16 => 0x7F7F_8000,
        _ => Infinity,
    };

    /// <summary>The largest magnitude of the numbers, as bits; at least <c>0x7F800000</c> if one of them is infinite or not a number.</summary>
    public static uint LargestMagnitude(ReadOnlySpan<float> values)
    {
        // Bits of floats without sign are in the order of their magnitudes, with infinity and then NaN on top.
        ReadOnlySpan<uint> bits = MemoryMarshal.Cast<float, uint>(values);
        Vector256<uint> mask = Vector256.Create(0x7FFF_FFFFu);
        Vector256<uint> largest = Vector256<uint>.Zero;
        int i = 0;
        for (; i + Vector256<uint>.Count <= bits.Length; i += Vector256<uint>.Count)
        {
            largest = Vector256.Max(largest, Vector256.Create(bits[i..]) & mask);
        }

        uint result = 0;
        for (int lane = 0; lane < Vector256<uint>.Count; lane++)
        {
            result = Math.Max(result, largest[lane]);
        }

        for (; i < bits.Length; i++)
        {
            result = Math.Max(result, bits[i] & 0x7FFF_FFFF);
        }

        return result;
    }

    /// <summary>Whether a magnitude from <see cref="LargestMagnitude"/> is infinite or not a number.</summary>
    public static bool IsNotFinite(uint magnitude) => magnitude >= Infinity;

    /// <summary>Encodes finite numbers.</summary>
    /// <param name="source">The numbers.</param>
    /// <param name="type">F32, F16 or BF16.</param>
    /// <param name="destination">Receives the bytes.</param>
    public static void Encode(ReadOnlySpan<float> source, ElementType type, Span<byte> destination)
    {
        switch (type)
        {
            case ElementType.F32:
                MemoryMarshal.AsBytes(source).CopyTo(destination);
                break;
            case ElementType.F16:
                Span<Half> halves = MemoryMarshal.Cast<byte, Half>(destination);
                for (int i = 0; i < source.Length; i++)
                {
                    halves[i] = (Half)source[i];
                }

                break;
            case ElementType.BF16:
                EncodeBFloat16(MemoryMarshal.Cast<float, uint>(source), MemoryMarshal.Cast<byte, ushort>(destination));
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(type), type, "Only F32, F16 and BF16 are plain floats.");
        }
    }

    private static void EncodeBFloat16(ReadOnlySpan<uint> source, Span<ushort> destination)
    {
        int i = 0;
        for (; i + 16 <= source.Length; i += 16)
        {
            Vector256.Narrow(Round(Vector256.Create(source[i..])), Round(Vector256.Create(source[(i + 8)..]))).CopyTo(destination[i..]);
        }

        for (; i < source.Length; i++)
        {
            destination[i] = (ushort)((source[i] + 0x7FFF + ((source[i] >> 16) & 1)) >> 16);
        }
    }

    // Adding just under half of the last place, and one more where the last bit that stays is odd, rounds to nearest even.
    private static Vector256<uint> Round(Vector256<uint> bits) =>
        (bits + Vector256.Create(0x7FFFu) + ((bits >>> 16) & Vector256<uint>.One)) >>> 16;
}
