namespace Lapidary.Numerics.Formats.Encoding;

/// <summary>
/// Finds the scale s of a few numbers that are not negative, scales and minimums of the groups of a super-block, for s * q with
/// 0 &lt;= q &lt;= largest, as ggml does with an importance (<c>make_qp_quants</c>). The scale that puts the largest number on q = largest and
/// eight more, up to 0.4 quants wider or narrower, are compared by the sum of w * (s * q - x)^2; then, up to five times around, each quant
/// moves to where the scale of the others wants it, if that is a gain. It runs once a super-block, so there is scalar code only.
/// </summary>
internal static class PositiveScaleSearch
{
    private const int Tries = 4;
    private const int Rounds = 5;

    /// <summary>Returns the scale and fills the quants.</summary>
    public static float Find(ReadOnlySpan<float> values, ReadOnlySpan<float> weights, int largest, Span<byte> quants)
    {
        float maximum = 0;
        foreach (float x in values)
        {
            maximum = maximum > x ? maximum : x;
        }

        quants.Clear();
        if (maximum < ScaleSearch.Negligible)
        {
            return 0;
        }

        float inverse = BestInverse(values, weights, largest, maximum);
        float sumXQ = 0, sumQQ = 0;
        for (int i = 0; i < values.Length; i++)
        {
            int quant = Math.Min(largest, NearestInteger.Of(inverse * values[i]));
            quants[i] = (byte)quant;
            sumXQ += weights[i] * values[i] * quant;
            sumQQ += weights[i] * quant * quant;
        }

        bool hasChanged = true;
        for (int round = 0; round < Rounds && hasChanged; round++)
        {
            hasChanged = false;
            for (int i = 0; i < values.Length; i++)
            {
                hasChanged |= Move(values[i], weights[i], largest, ref quants[i], ref sumXQ, ref sumQQ);
            }
        }

        return sumQQ > 0 ? sumXQ / sumQQ : 0;
    }

    private static float BestInverse(ReadOnlySpan<float> values, ReadOnlySpan<float> weights, int largest, float maximum)
    {
        float bestInverse = largest / maximum;
        float best = Error(values, weights, bestInverse, int.MaxValue);
        for (int i = -Tries; i <= Tries; i++)
        {
            if (i == 0)
            {
                continue;
            }

            float inverse = ((0.1f * i) + largest) / maximum;
            float error = Error(values, weights, inverse, largest);
            if (error < best)
            {
                (best, bestInverse) = (error, inverse);
            }
        }

        return bestInverse;
    }

    private static float Error(ReadOnlySpan<float> values, ReadOnlySpan<float> weights, float inverse, int largest)
    {
        float scale = 1 / inverse, error = 0;
        for (int i = 0; i < values.Length; i++)
        {
            float difference = values[i] - (scale * Math.Min(largest, NearestInteger.Of(inverse * values[i])));
            error += weights[i] * difference * difference;
        }

        return error;
    }

    private static bool Move(float x, float w, int largest, ref byte quant, ref float sumXQ, ref float sumQQ)
    {
        float otherXQ = sumXQ - (w * x * quant), otherQQ = sumQQ - (w * quant * quant);
        if (!(otherXQ > 0 && otherQQ > 0))
        {
            return false;
        }

        int moved = Math.Min(largest, NearestInteger.Of(x * otherQQ / otherXQ));
        if (moved == quant)
        {
            return false;
        }

        otherXQ += w * x * moved;
        otherQQ += w * moved * moved;
        if (!(otherXQ * otherXQ * sumQQ > sumXQ * sumXQ * otherQQ))
        {
            return false;
        }

        (quant, sumXQ, sumQQ) = ((byte)moved, otherXQ, otherQQ);
        return true;
    }
}
