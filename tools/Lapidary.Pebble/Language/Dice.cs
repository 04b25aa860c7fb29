using Lapidary.Numerics;

namespace Lapidary.Pebble.Language;

/// <summary>The one source of chance of the generator: draws from SplitMix64, so the same seed makes the same bytes everywhere.</summary>
internal sealed class Dice
{
    private SplitMix64 random;

    /// <summary>Begins at <paramref name="seed"/>.</summary>
    public Dice(ulong seed) => random = new SplitMix64(seed);

    /// <summary>Begins at a seed made of <paramref name="seed"/> and a name, so that one part of the corpus does not move another.</summary>
    public static Dice For(ulong seed, string part) => new(seed ^ Hash(part));

    /// <summary>FNV-1a, 64 bits: <see cref="string.GetHashCode()"/> differs from process to process.</summary>
    public static ulong Hash(string text)
    {
        ulong hash = 0xCBF2_9CE4_8422_2325;
        foreach (char letter in text)
        {
            hash = (hash ^ letter) * 0x0000_0100_0000_01B3;
        }

        return hash;
    }

    /// <summary>A number of [0, limit).</summary>
    public int Next(int limit) => random.NextInt(limit);

    /// <summary>A number of [from, to], both ends among them.</summary>
    public int Between(int from, int to) => from + random.NextInt(to - from + 1);

    /// <summary>True in <paramref name="percent"/> of 100 cases.</summary>
    public bool Chance(int percent) => random.NextInt(100) < percent;

    /// <summary>One of <paramref name="choices"/>.</summary>
    public T Pick<T>(IReadOnlyList<T> choices) => choices[random.NextInt(choices.Count)];

    /// <summary>One of <paramref name="choices"/>, each as often as its share says.</summary>
    public T PickByShare<T>(IReadOnlyList<(int Share, T Choice)> choices)
    {
        int at = random.NextInt(choices.Sum(choice => choice.Share));
        int i = 0;
        while (at >= choices[i].Share)
        {
            at -= choices[i++].Share;
        }

        return choices[i].Choice;
    }

    /// <summary>Several different ones of <paramref name="choices"/>, in an order of chance.</summary>
    public List<T> PickSome<T>(IEnumerable<T> choices, int count)
    {
        List<T> left = [.. choices];
        Shuffle(left);
        return left[..Math.Min(count, left.Count)];
    }

    /// <summary>Fisher and Yates.</summary>
    public void Shuffle<T>(IList<T> list)
    {
        for (int i = list.Count - 1; i > 0; i--)
        {
            int other = random.NextInt(i + 1);
            (list[i], list[other]) = (list[other], list[i]);
        }
    }
}
