using System.Runtime.CompilerServices;
using Lapidary.Numerics.Simd;

namespace Lapidary.Numerics.Formats.Encoding;

/// <summary>
/// Finds the scale s of a group for numbers s * q with -limit &lt;= q &lt; limit, as ggml does (<c>make_qx_quants</c>). What is to be small is
/// the sum of w * (s * q - x)^2, which for given quants is least with s = sum(w x q) / sum(w q^2), and then smaller by sum(w x q)^2 /
/// sum(w q^2) than without the group. The start puts the element of largest magnitude on -limit; eighteen more roundings are tried, with up
/// to 0.9 more or less than limit in its place.
/// </summary>
internal static unsafe class ScaleSearch
{
    /// <summary>A group whose numbers are all smaller is taken for zero.</summary>
    public const float Negligible = 1e-15f;

    private const int Tries = 9;

    /// <summary>
    /// One group in plain scalar code; returns the scale. Quants are stored with limit added, all of them 0 for a group of zeros.
    /// </summary>
    public static float Find(ReadOnlySpan<float> values, ReadOnlySpan<float> weights, int limit, Span<byte> quants)
    {
        float extreme = Extreme(values);
        quants.Clear();
        if (MathF.Abs(extreme) < Negligible)
        {
            return 0;
        }

        float inverse = -limit / extreme;
        (float sumXQ, float sumQQ) = Sums(values, weights, inverse, limit);
        Round(values, inverse, limit, quants);
        float scale = sumQQ != 0 ? sumXQ / sumQQ : 0;
        float best = scale * sumXQ;
        for (int i = -Tries; i <= Tries; i++)
        {
            if (i == 0)
            {
                continue;
            }

            inverse = -(limit + (0.1f * i)) / extreme;
            (sumXQ, sumQQ) = Sums(values, weights, inverse, limit);
            if (sumQQ > 0 && sumXQ * sumXQ > best * sumQQ)
            {
                Round(values, inverse, limit, quants);
                scale = sumXQ / sumQQ;
                best = scale * sumXQ;
            }
        }

        return scale;
    }

    /// <summary>
    /// A batch of groups, one a lane: fills scales, and what the quants were rounded with (zero for a group of zeros).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Find<V, TIsa>(GroupLanes* lanes, int batch, int groupLength, int limit)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        int start = batch * groupLength * TIsa.Width, length = groupLength * TIsa.Width;
        float* values = lanes->Values + start;
        float* weights = lanes->Weights + start;
        V extreme = Extreme<V, TIsa>(values, length), largest = TIsa.AndBits(extreme, TIsa.CreateBits(0x7fffffff));
        V inverse = TIsa.Divide(TIsa.Create(-limit), extreme), bestInverse = inverse;
        Sums<V, TIsa>(values, weights, length, inverse, limit, out V sumXQ, out V sumQQ);
        V scale = TIsa.SelectEqual(sumQQ, TIsa.Zero, TIsa.Zero, TIsa.Divide(sumXQ, sumQQ));
        V best = TIsa.Multiply(scale, sumXQ);
        for (int i = -Tries; i <= Tries; i++)
        {
            if (i == 0)
            {
                continue;
            }

            inverse = TIsa.Divide(TIsa.Create(-(limit + (0.1f * i))), extreme);
            Sums<V, TIsa>(values, weights, length, inverse, limit, out sumXQ, out sumQQ);
            V trial = TIsa.Multiply(sumXQ, sumXQ);
            V bound = TIsa.SelectGreater(sumQQ, TIsa.Zero, TIsa.Multiply(best, sumQQ), TIsa.Create(float.PositiveInfinity));
            V trialScale = TIsa.Divide(sumXQ, sumQQ);
            scale = TIsa.SelectGreater(trial, bound, trialScale, scale);
            best = TIsa.SelectGreater(trial, bound, TIsa.Multiply(trialScale, sumXQ), best);
            bestInverse = TIsa.SelectGreater(trial, bound, inverse, bestInverse);
        }

        int first = batch * TIsa.Width;
        V negligible = TIsa.Create(Negligible);
        TIsa.Store(lanes->Scales + first, TIsa.SelectGreater(negligible, largest, TIsa.Zero, scale));
        TIsa.Store(lanes->Inverses + first, TIsa.SelectGreater(negligible, largest, TIsa.Zero, bestInverse));
    }

    /// <summary>The quants of one group, with limit added, rounded with what the search kept for it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Quantize<V, B, TIsa>(float* values, int length, float inverse, int limit, byte* quants)
        where V : struct
        where B : struct
        where TIsa : struct, IByteIsa<V, B>
    {
        V offset = TIsa.Create(inverse == 0 ? 0 : limit);
        for (int i = 0; i < length; i += TIsa.Width)
        {
            V quant = Quant<V, TIsa>(TIsa.Load(values + i), TIsa.Create(inverse), limit);
            TIsa.StoreSByte((sbyte*)quants + i, TIsa.Add(quant, offset));
        }
    }

    /// <summary>The element of largest magnitude, the first of several, of each lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Extreme<V, TIsa>(float* values, int length)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        V extreme = TIsa.Zero, largest = TIsa.Zero, magnitude = TIsa.CreateBits(0x7fffffff);
        for (int i = 0; i < length; i += TIsa.Width)
        {
            V x = TIsa.Load(values + i), size = TIsa.AndBits(x, magnitude);
            extreme = TIsa.SelectGreater(size, largest, x, extreme);
            largest = TIsa.SelectGreater(size, largest, size, largest);
        }

        return extreme;
    }

    /// <summary>The element of largest magnitude, the first of several; zero where all are.</summary>
    public static float Extreme(ReadOnlySpan<float> values)
    {
        float largest = 0, extreme = 0;
        foreach (float x in values)
        {
            if (MathF.Abs(x) > largest)
            {
                largest = MathF.Abs(x);
                extreme = x;
            }
        }

        return extreme;
    }

    /// <summary>An element's quant, without an offset.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Quant<V, TIsa>(V x, V inverse, int limit)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        V nearest = NearestInteger.Of<V, TIsa>(TIsa.Multiply(inverse, x));
        return TIsa.Max(TIsa.Min(nearest, TIsa.Create(limit - 1)), TIsa.Create(-limit));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Sums<V, TIsa>(float* values, float* weights, int length, V inverse, int limit, out V sumXQ, out V sumQQ)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        sumXQ = TIsa.Zero;
        sumQQ = TIsa.Zero;
        for (int i = 0; i < length; i += TIsa.Width)
        {
            V x = TIsa.Load(values + i), w = TIsa.Load(weights + i);
            V quant = Quant<V, TIsa>(x, inverse, limit);
            sumXQ = TIsa.Add(sumXQ, TIsa.Multiply(TIsa.Multiply(w, x), quant));
            sumQQ = TIsa.Add(sumQQ, TIsa.Multiply(TIsa.Multiply(w, quant), quant));
        }
    }

    private static (float SumXQ, float SumQQ) Sums(ReadOnlySpan<float> values, ReadOnlySpan<float> weights, float inverse, int limit)
    {
        float sumXQ = 0, sumQQ = 0;
        for (int i = 0; i < values.Length; i++)
        {
            int quant = Math.Clamp(NearestInteger.Of(inverse * values[i]), -limit, limit - 1);
            sumXQ += weights[i] * values[i] * quant;
            sumQQ += weights[i] * quant * quant;
        }

        return (sumXQ, sumQQ);
    }

    private static void Round(ReadOnlySpan<float> values, float inverse, int limit, Span<byte> quants)
    {
        for (int i = 0; i < values.Length; i++)
        {
            quants[i] = (byte)(limit + Math.Clamp(NearestInteger.Of(inverse * values[i]), -limit, limit - 1));
        }
    }
}
