using System.Runtime.CompilerServices;

namespace Lapidary.Numerics.Formats.Encoding;

/// <summary>
/// Packs quants of a few bits, one a byte, into the bit planes of the K formats, eight at a time: none is so large that a shift would move a
/// bit into the next byte.
/// </summary>
internal static unsafe class QuantPlanes
{
    private const ulong LowNibbles = 0x0f0f0f0f0f0f0f0f;
    private const ulong LowPairs = 0x0303030303030303;
    private const ulong LowBits = 0x0101010101010101;

    /// <summary>Bits 0 to 3 of 64 quants: the first 32 in the lower halves of 32 bytes, the others in the upper.</summary>
    public static void PackNibbles(byte* quants, byte* destination) => PackNibbles(quants, 32, destination, 32);

    /// <summary>
    /// Bits 0 to 3: the first <paramref name="count"/> quants in the lower halves of the bytes, those from <paramref name="distance"/> on in
    /// the upper.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PackNibbles(byte* quants, int distance, byte* destination, int count)
    {
        for (int i = 0; i < count; i += 8)
        {
            ulong upper = Read(quants + distance + i) & LowNibbles;
            Unsafe.WriteUnaligned(destination + i, (Read(quants + i) & LowNibbles) | (upper << 4));
        }
    }

    /// <summary>
    /// Two bits of 128 quants, from bit <paramref name="shift"/> on: bit pair k of 32 bytes takes those of quants 32 k to 32 k + 31.
    /// </summary>
    public static void PackPairs(byte* quants, int shift, byte* destination)
    {
        for (int i = 0; i < 32; i += 8)
        {
            ulong packed = 0;
            for (int k = 0; k < 4; k++)
            {
                packed |= ((Read(quants + (32 * k) + i) >> shift) & LowPairs) << (2 * k);
            }

            Unsafe.WriteUnaligned(destination + i, packed);
        }
    }

    /// <summary>Bit <paramref name="shift"/> of 256 quants: bit k of 32 bytes takes that of quants 32 k to 32 k + 31.</summary>
    public static void PackBits(byte* quants, int shift, byte* destination)
    {
        for (int i = 0; i < 32; i += 8)
        {
            ulong packed = 0;
            for (int k = 0; k < 8; k++)
            {
                packed |= ((Read(quants + (32 * k) + i) >> shift) & LowBits) << k;
            }

            Unsafe.WriteUnaligned(destination + i, packed);
        }
    }

    /// <summary>Bit 4 of 32 quants as the bits of one word, the first lowest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint FifthBits(byte* quants)
    {
        // The product moves the bits of the eight bytes, which are 8 apart, side by side into the highest byte.
        const ulong Gather = 0x0102040810204080;
        uint bits = 0;
        for (int i = 0; i < 32; i += 8)
        {
            ulong single = (Read(quants + i) >> 4) & LowBits;
            bits |= (uint)((single * Gather) >> 56) << i;
        }

        return bits;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Read(byte* source) => Unsafe.ReadUnaligned<ulong>(source);
}
