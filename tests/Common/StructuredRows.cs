using Lapidary.Numerics;

namespace Lapidary.Tests.Common;

/// <summary>
/// Seeded rows to encode, of the kinds that weights come in and of those where searches for scales go astray. Made of exact operations, so
/// that they are the same everywhere.
/// </summary>
internal static class StructuredRows
{
    private static readonly (string Name, Func<float[], SplitMix64, float[]> Make)[] Kinds =
    [
        ("bell", (x, _) => x),
        ("uniform", (x, random) => Each(x, _ => Uniform(ref random))),
        ("bfloat16", (x, _) => Each(x, i => BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(x[i] / 64) & ~0xffff))),
        ("zeros", (x, _) => new float[x.Length]),
        ("zeros of both signs", (x, _) => Each(x, i => x[i] > 0 ? 0f : -0f)),
        ("constant", (x, _) => Each(x, _ => 0.37f)),
        ("negative constant", (x, _) => Each(x, _ => -0.37f)),
        ("positive", (x, _) => Each(x, i => 2 + x[i])),
        ("negative", (x, _) => Each(x, i => -2 - x[i])),
        ("not negative", (x, _) => Each(x, i => x[i] > 0 ? x[i] : i % 2 == 0 ? 0f : -0f)),
        ("outliers", (x, random) => Each(x, i => random.NextInt(61) == 0 ? 300 * x[i] : x[i])),
        ("one outlier", (x, _) => Each(x, i => i == 77 % x.Length ? 5000 : x[i])),
        ("half of it zero", (x, random) => Each(x, i => random.NextInt(2) == 0 ? 0 : x[i])),
        ("one number", (x, _) => Each(x, i => i % 256 == 200 ? -1.25f : 0)),
        ("both extremes", (x, _) => Each(x, i => (i & 1) == 0 ? 1.5f : -1.5f)),
        ("ramp", (x, _) => Each(x, i => (i % 256) - 100.5f)),
        ("groups of many sizes", (x, _) => Each(x, i => x[i] * Power(-4 * (i / 16 % 9)))),
        ("a grid", (x, _) => Each(x, i => MathF.Round(x[i] * 5) * 0.125f)),
        ("two values", (x, random) => Each(x, _ => random.NextInt(2) == 0 ? 0.1f : 0.3f)),
        ("small", (x, _) => Each(x, i => x[i] * 1e-6f)),
        ("below the smallest half", (x, _) => Each(x, i => x[i] * 1e-9f)),
        ("around the negligible", (x, _) => Each(x, i => x[i] * (i / 16 % 2 == 0 ? 1e-15f : 3e-14f))),
        ("vanishing squares", (x, _) => Each(x, i => x[i] * 1e-25f)),
        ("subnormal", (x, _) => Each(x, i => x[i] * 1e-39f)),
        ("a few smallest", (x, random) => Each(x, _ => random.NextInt(3) * float.Epsilon)),
        ("large", (x, _) => Each(x, i => x[i] * 15000)),
        ("too large for a half", (x, _) => Each(x, i => x[i] * 1e8f)),
        ("squares too large", (x, _) => Each(x, i => x[i] * 1e21f)),
    ];

    /// <summary>Names of the kinds.</summary>
    public static IEnumerable<string> Names => Kinds.Select(kind => kind.Name);

    /// <summary>The kinds whose numbers are so small or so large that blocks cannot hold them.</summary>
    public static readonly string[] OutOfRange =
    [
        "below the smallest half", "around the negligible", "vanishing squares", "subnormal", "a few smallest", "too large for a half",
        "squares too large",
    ];

    /// <summary>A row of a kind.</summary>
    public static float[] Row(string kind, int length, ulong seed = 1)
    {
        int index = Array.FindIndex(Kinds, candidate => candidate.Name == kind);
        var random = new SplitMix64(SplitMix64.SeedOf(seed, index));
        var bell = new float[length];
        foreach (ref float x in bell.AsSpan())
        {
            // About normal: three uniform numbers have together the variance 1.
            x = Uniform(ref random) + Uniform(ref random) + Uniform(ref random);
        }

        return Kinds[index].Make(bell, random);
    }

    /// <summary>An importance as calibration gives it: of many sizes, here and there zero.</summary>
    public static float[] Importance(int length, ulong seed = 2)
    {
        var random = new SplitMix64(seed);
        return Each(new float[length], _ =>
        {
            float size = Uniform(ref random);
            return random.NextInt(37) == 0 ? 0 : size * size * Power(random.NextInt(12) - 6);
        });
    }

    private static float Uniform(ref SplitMix64 random) => (float)((2 * random.NextDouble()) - 1);

    private static float Power(int exponent) => BitConverter.Int32BitsToSingle((127 + exponent) << 23);

    private static float[] Each(float[] row, Func<int, float> make) => [.. Enumerable.Range(0, row.Length).Select(make)];
}
