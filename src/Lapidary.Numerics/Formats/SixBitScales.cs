using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Lapidary.Numerics.Formats;

/// <summary>
/// The 8 scales and 8 minimums of 6 bits that Q4_K and Q5_K pack into 12 bytes: bytes 0 to 3 end in scales 0 to 3, bytes 4 to 7 in
/// minimums 0 to 3; bytes 8 to 11 hold the lower four bits of scales (lower half) and minimums (upper half) 4 to 7, whose upper two bits
/// are the first two of bytes 0 to 3 and 4 to 7.
/// </summary>
internal static unsafe class SixBitScales
{
    /// <summary>Unpacks them for groups of 16 elements: each, being that of 32 elements, twice.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack(byte* packed, out Vector128<sbyte> scales, out Vector128<sbyte> minimums)
    {
        ulong first = *(ulong*)packed;
        uint last = *(uint*)(packed + 8);
        // Bits 6 and 7 of each byte of the first eight, moved to bits 4 and 5: of scales 4 to 7, then of minimums 4 to 7.
        ulong upper = (first >> 2) & 0x3030303030303030;
        ulong lower = first & 0x3f3f3f3f3f3f3f3f;
        ulong s = (uint)lower | ((ulong)((last & 0x0f0f0f0f) | (uint)upper) << 32);
        ulong t = (lower >> 32) | ((((last >> 4) & 0x0f0f0f0f) | (upper >> 32)) << 32);
        scales = Twice(s);
        minimums = Twice(t);
    }

    /// <summary>Scale and minimum <paramref name="index"/>, as the published layout is written.</summary>
    public static (int Scale, int Minimum) Reference(byte* packed, int index) => index < 4
        ? (packed[index] & 63, packed[index + 4] & 63)
        : ((packed[index + 4] & 15) | ((packed[index - 4] >> 6) << 4), (packed[index + 4] >> 4) | ((packed[index] >> 6) << 4));

    /// <summary>Packs 8 scales and 8 minimums, of which the lower byte counts and is limited to 63.</summary>
    public static void Pack(byte* packed, int* scales, int* minimums)
    {
        for (int i = 0; i < 4; i++)
        {
            int scale = Limit(scales[i + 4]), minimum = Limit(minimums[i + 4]);
            packed[i] = (byte)(Limit(scales[i]) | ((scale >> 4) << 6));
            packed[i + 4] = (byte)(Limit(minimums[i]) | ((minimum >> 4) << 6));
            packed[i + 8] = (byte)((scale & 15) | ((minimum & 15) << 4));
        }

        static int Limit(int number) => Math.Min(63, (int)(byte)number);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<sbyte> Twice(ulong bytes) => Vector128.Shuffle(
        Vector128.CreateScalar(bytes).AsSByte(),
        Vector128.Create((sbyte)0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7));
}
