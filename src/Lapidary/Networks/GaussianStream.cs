using Lapidary.Numerics;
using System.Runtime.Intrinsics;
using System.Text;

namespace Lapidary.Networks;

/// <summary>
/// Normally distributed numbers as a pure function of a seed, a name and a position, so that it does not matter who computes which part.
/// A counter is mixed as in SplitMix64 and turned into pairs of numbers by Box and Muller's method. Logarithm, sine and cosine are
/// polynomials (those of Cephes) in plain additions and multiplications, without fused ones, so that every processor gives the same bits.
/// </summary>
internal readonly struct GaussianStream
{
    /// <summary>Positions are filled in groups of this many: 16 cosines, then the 16 sines of the same angles.</summary>
    public const int Group = 32;

    private const int Pairs = Group / 2;
    private const ulong Golden = 0x9E37_79B9_7F4A_7C15;

    private readonly ulong key;

    /// <summary>The numbers of a tensor.</summary>
    public GaussianStream(ulong seed, string name)
    {
        // FNV-1a over the name; the mixing afterwards spreads it.
        ulong hash = 0xCBF2_9CE4_8422_2325;
        foreach (byte letter in Encoding.UTF8.GetBytes(name))
        {
            hash = (hash ^ letter) * 0x0000_0100_0000_01B3;
        }

        key = Mix(Mix(seed + Golden) ^ hash);
    }

    /// <summary>Fills <paramref name="destination"/> with the numbers from position <paramref name="start"/>, a multiple of <see cref="Group"/>.</summary>
    public void Fill(long start, Span<float> destination, float deviation)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(start % Group, 0, nameof(start));
        Span<int> radii = stackalloc int[Pairs];
        Span<int> angles = stackalloc int[Pairs];
        Span<float> last = stackalloc float[Group];
        ulong pair = (ulong)start / 2;
        for (int i = 0; i < destination.Length; i += Group)
        {
            for (int j = 0; j < Pairs; j++)
            {
                ulong mixed = Mix(key + (pair++ * Golden));
                radii[j] = (int)(mixed >> 40) + 1;
                angles[j] = (int)(mixed & 0xFF_FFFF);
            }

            bool whole = destination.Length - i >= Group;
            Span<float> target = whole ? destination.Slice(i, Group) : last;
            Transform(radii, angles, target, deviation);
            Transform(radii[8..], angles[8..], target[8..], deviation);
            if (!whole)
            {
                last[..(destination.Length - i)].CopyTo(destination[i..]);
            }
        }
    }

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58_476D_1CE4_E5B9;
        value = (value ^ (value >> 27)) * 0x94D0_49BB_1331_11EB;
        return value ^ (value >> 31);
    }

    // Eight pairs: r cos and r sin with r = sqrt(-2 ln u), u = radius / 2^24 in (0, 1] and an angle of 24 bits.
    private static void Transform(ReadOnlySpan<int> radii, ReadOnlySpan<int> angles, Span<float> target, float deviation)
    {
        Vector256<float> log = LogOfFraction(Vector256.ConvertToSingle(Vector256.Create(radii)));
        Vector256<float> r = Vector256.Sqrt(Vector256.Max(log * -2f, Vector256<float>.Zero)) * deviation;

        // Two bits choose the quarter of the circle; 22 bits place the angle within 1/8 turn of its middle.
        Vector256<int> bits = Vector256.Create(angles);
        Vector256<int> quarter = bits & Vector256.Create(3);
        Vector256<float> fraction = Vector256.ConvertToSingle((bits >>> 2) - Vector256.Create(1 << 21)) * (1f / (1 << 22));
        Vector256<float> angle = fraction * (MathF.PI / 2);
        Vector256<float> square = angle * angle;
        Vector256<float> sine = angle + (angle * square * ((((square * -1.9515295891e-4f) + Vector256.Create(8.3321608736e-3f)) * square)
            + Vector256.Create(-1.6666654611e-1f)));
        Vector256<float> cosine = Vector256<float>.One - (square * 0.5f) + (square * square
            * ((((square * 2.443315711809948e-5f) + Vector256.Create(-1.388731625493765e-3f)) * square)
                + Vector256.Create(4.166664568298827e-2f)));

        Vector256<float> odd = Vector256.Equals(quarter & Vector256<int>.One, Vector256<int>.One).AsSingle();
        Vector256<int> cosineSign = ((quarter + Vector256<int>.One) & Vector256.Create(2)) << 30;
        Vector256<int> sineSign = (quarter & Vector256.Create(2)) << 30;
        Vector256<float> x = (Vector256.ConditionalSelect(odd, sine, cosine).AsInt32() ^ cosineSign).AsSingle();
        Vector256<float> y = (Vector256.ConditionalSelect(odd, cosine, sine).AsInt32() ^ sineSign).AsSingle();
        (x * r).CopyTo(target);
        (y * r).CopyTo(target[Pairs..]);
    }

    // ln(value / 2^24) for whole values of 1 to 2^24, after logf of Cephes: split off the exponent, polynomial on [sqrt(1/2), sqrt(2)].
    private static Vector256<float> LogOfFraction(Vector256<float> value)
    {
        Vector256<int> bits = value.AsInt32();
        Vector256<int> exponent = (bits >>> 23) - Vector256.Create(127 + 24);
        Vector256<float> mantissa = ((bits & Vector256.Create(0x007F_FFFF)) | Vector256.Create(0x3F80_0000)).AsSingle();
        Vector256<float> large = Vector256.GreaterThan(mantissa, Vector256.Create(1.41421356f));
        mantissa = Vector256.ConditionalSelect(large, mantissa * 0.5f, mantissa);
        Vector256<float> e = Vector256.ConvertToSingle(exponent - large.AsInt32());
        Vector256<float> f = mantissa - Vector256<float>.One;
        Vector256<float> square = f * f;
        Vector256<float> p = f * 7.0376836292e-2f;
        p = (p + Vector256.Create(-1.1514610310e-1f)) * f;
        p = (p + Vector256.Create(1.1676998740e-1f)) * f;
        p = (p + Vector256.Create(-1.2420140846e-1f)) * f;
        p = (p + Vector256.Create(1.4249322787e-1f)) * f;
        p = (p + Vector256.Create(-1.6668057665e-1f)) * f;
        p = (p + Vector256.Create(2.0000714765e-1f)) * f;
        p = (p + Vector256.Create(-2.4999993993e-1f)) * f;
        p = (p + Vector256.Create(3.3333331174e-1f)) * f * square;
        p += e * -2.12194440e-4f;
        p -= square * 0.5f;
        return f + p + (e * 0.693359375f);
    }
}
