namespace Lapidary.Numerics;

/// <summary>
/// Random numbers that are a pure function of a seed and a position: SplitMix64 (Steele, Lea and Flood 2014), number n being the mix
/// of seed + (n + 1) * 0x9E3779B97F4A7C15. The sequence will not change between versions, and what one stream gives does not depend on
/// any other.
/// </summary>
public struct SplitMix64
{
    private const ulong Golden = 0x9E37_79B9_7F4A_7C15;

    private ulong state;

    /// <summary>Begins at <paramref name="seed"/>.</summary>
    public SplitMix64(ulong seed) => state = seed;

    /// <summary>
    /// The seed of the answer number <paramref name="index"/> where one request asks for several: the seed itself for 0, otherwise
    /// far from it.
    /// </summary>
    public static ulong SeedOf(ulong seed, int index) => index == 0 ? seed : Mix(Mix(seed) + (ulong)index);

    /// <summary>The next 64 bits.</summary>
    public ulong NextBits() => Mix(state += Golden);

    /// <summary>The next number of [0, 1): the upper 53 bits.</summary>
    public double NextDouble() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A number of [0, <paramref name="limit"/>), without the bias of a remainder (Lemire 2019, rejecting what would favour some).</summary>
    public int NextInt(int limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ulong range = (ulong)limit;
        ulong threshold = (0 - range) % range;
        while (true)
        {
            ulong high = Math.BigMul(NextBits(), range, out ulong low);
            if (low >= threshold)
            {
                return (int)high;
            }
        }
    }

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58_476D_1CE4_E5B9;
        value = (value ^ (value >> 27)) * 0x94D0_49BB_1331_11EB;
        return value ^ (value >> 31);
    }
}
