using System.Runtime.CompilerServices;
using Lapidary.Numerics.Simd;

namespace Lapidary.Numerics.Formats.Encoding;

/// <summary>
/// Finds scale s and minimum m of a group for numbers s * q + m with 0 &lt;= q &lt;= largest and m &lt;= 0, as ggml does
/// (<c>make_qkx2_quants</c>, <c>make_qkx3_quants</c>). What is to be small is the sum of w * (s * q + m - x)^2, or of w * |s * q + m - x|.
/// The start is the range of the group, zero included. Then each of <see cref="RangeSteps"/> rounds with another scale, solves the weighted
/// least squares for s and m with these quants, and is kept where the error is smaller than the best so far; a step starts from the
/// minimum that was kept last.
/// </summary>
internal static unsafe class RangeSearch
{
    /// <summary>One group in plain scalar code; returns the scale.</summary>
    public static float Find(
        ReadOnlySpan<float> values, ReadOnlySpan<float> weights, int largest, in RangeSteps steps, Span<byte> quants, out float minimum)
    {
        minimum = values[0];
        float maximum = values[0], sumW = weights[0], sumX = sumW * values[0];
        for (int i = 1; i < values.Length; i++)
        {
            float x = values[i], w = weights[i];
            minimum = x < minimum ? x : minimum;
            maximum = x > maximum ? x : maximum;
            sumW += w;
            sumX += w * x;
        }

        minimum = minimum > 0 ? 0 : minimum;
        quants.Clear();
        if (maximum == minimum)
        {
            return 0;
        }

        Span<byte> tried = stackalloc byte[values.Length];
        float inverse = largest / (maximum - minimum);
        float scale = 1 / inverse;
        Round(values, inverse, minimum, largest, quants);
        float best = Error(values, weights, quants, scale, minimum, steps.IsAbsolute);
        for (int step = 0; step <= steps.Count; step++)
        {
            inverse = (steps.First + (steps.Step * step) + largest) / (maximum - minimum);
            Round(values, inverse, minimum, largest, tried);
            if (Solve(values, weights, tried, sumW, sumX, out float trialScale, out float trialMinimum))
            {
                float error = Error(values, weights, tried, trialScale, trialMinimum, steps.IsAbsolute);
                if (error < best)
                {
                    tried.CopyTo(quants);
                    (best, scale, minimum) = (error, trialScale, trialMinimum);
                }
            }
        }

        return scale;
    }

    /// <summary>
    /// A batch of groups, one a lane: fills scales and minimums, and what the quants were rounded with (zero for a group without a range).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Find<V, TIsa>(GroupLanes* lanes, int batch, int groupLength, int largest, in RangeSteps steps)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        int start = batch * groupLength * TIsa.Width, length = groupLength * TIsa.Width;
        float* values = lanes->Values + start;
        float* weights = lanes->Weights + start;
        float* quants = lanes->Quants + start;
        V minimum = TIsa.Load(values), maximum = minimum;
        V sumW = TIsa.Load(weights), sumX = TIsa.Multiply(sumW, minimum);
        for (int i = TIsa.Width; i < length; i += TIsa.Width)
        {
            V x = TIsa.Load(values + i), w = TIsa.Load(weights + i);
            minimum = TIsa.SelectGreater(minimum, x, x, minimum);
            maximum = TIsa.SelectGreater(x, maximum, x, maximum);
            sumW = TIsa.Add(sumW, w);
            sumX = TIsa.Add(sumX, TIsa.Multiply(w, x));
        }

        minimum = TIsa.SelectGreater(minimum, TIsa.Zero, TIsa.Zero, minimum);
        V lowest = minimum;
        V inverse = TIsa.Divide(TIsa.Create(largest), TIsa.Subtract(maximum, minimum));
        V scale = TIsa.Divide(TIsa.Create(1f), inverse);
        V bestInverse = inverse, bestBase = minimum;
        for (int i = 0; i < length; i += TIsa.Width)
        {
            TIsa.Store(quants + i, Quant<V, TIsa>(TIsa.Load(values + i), inverse, minimum, largest));
        }

        V best = Error<V, TIsa>(values, weights, quants, length, scale, minimum, steps.IsAbsolute);
        for (int step = 0; step <= steps.Count; step++)
        {
            float spread = steps.First + (steps.Step * step) + largest;
            inverse = TIsa.Divide(TIsa.Create(spread), TIsa.Subtract(maximum, minimum));
            V sumQ = TIsa.Zero, sumQQ = TIsa.Zero, sumXQ = TIsa.Zero;
            for (int i = 0; i < length; i += TIsa.Width)
            {
                V x = TIsa.Load(values + i);
                V quant = Quant<V, TIsa>(x, inverse, minimum, largest);
                TIsa.Store(quants + i, quant);
                V weighted = TIsa.Multiply(TIsa.Load(weights + i), quant);
                sumQ = TIsa.Add(sumQ, weighted);
                sumQQ = TIsa.Add(sumQQ, TIsa.Multiply(weighted, quant));
                sumXQ = TIsa.Add(sumXQ, TIsa.Multiply(weighted, x));
            }

            V determinant = TIsa.Subtract(TIsa.Multiply(sumW, sumQQ), TIsa.Multiply(sumQ, sumQ));
            V trialScale = TIsa.Divide(TIsa.Subtract(TIsa.Multiply(sumW, sumXQ), TIsa.Multiply(sumX, sumQ)), determinant);
            V trialMinimum = TIsa.Divide(TIsa.Subtract(TIsa.Multiply(sumQQ, sumX), TIsa.Multiply(sumQ, sumXQ)), determinant);
            trialScale = TIsa.SelectGreater(trialMinimum, TIsa.Zero, TIsa.Divide(sumXQ, sumQQ), trialScale);
            trialMinimum = TIsa.SelectGreater(trialMinimum, TIsa.Zero, TIsa.Zero, trialMinimum);
            V error = Error<V, TIsa>(values, weights, quants, length, trialScale, trialMinimum, steps.IsAbsolute);
            // Where there is no solution nothing is below the limit.
            V limit = TIsa.SelectGreater(determinant, TIsa.Zero, best, TIsa.Create(float.NegativeInfinity));
            best = TIsa.SelectGreater(limit, error, error, best);
            scale = TIsa.SelectGreater(limit, error, trialScale, scale);
            bestInverse = TIsa.SelectGreater(limit, error, inverse, bestInverse);
            bestBase = TIsa.SelectGreater(limit, error, minimum, bestBase);
            minimum = TIsa.SelectGreater(limit, error, trialMinimum, minimum);
        }

        int first = batch * TIsa.Width;
        TIsa.Store(lanes->Scales + first, TIsa.SelectEqual(maximum, lowest, TIsa.Zero, scale));
        TIsa.Store(lanes->Minimums + first, TIsa.SelectEqual(maximum, lowest, lowest, minimum));
        TIsa.Store(lanes->Inverses + first, TIsa.SelectEqual(maximum, lowest, TIsa.Zero, bestInverse));
        TIsa.Store(lanes->Bases + first, TIsa.SelectEqual(maximum, lowest, TIsa.Zero, bestBase));
    }

    /// <summary>The quants of one group, rounded with what the search kept for it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Quantize<V, B, TIsa>(float* values, int length, float inverse, float lowest, int largest, byte* quants)
        where V : struct
        where B : struct
        where TIsa : struct, IByteIsa<V, B>
    {
        for (int i = 0; i < length; i += TIsa.Width)
        {
            V quant = Quant<V, TIsa>(TIsa.Load(values + i), TIsa.Create(inverse), TIsa.Create(lowest), largest);
            TIsa.StoreSByte((sbyte*)quants + i, quant);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Quant<V, TIsa>(V x, V inverse, V minimum, int largest)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        V nearest = NearestInteger.Of<V, TIsa>(TIsa.Multiply(inverse, TIsa.Subtract(x, minimum)));
        return TIsa.Max(TIsa.Min(nearest, TIsa.Create(largest)), TIsa.Zero);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Error<V, TIsa>(float* values, float* weights, float* quants, int length, V scale, V minimum, bool isAbsolute)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        V error = TIsa.Zero, magnitude = TIsa.CreateBits(0x7fffffff);
        for (int i = 0; i < length; i += TIsa.Width)
        {
            V product = TIsa.Multiply(scale, TIsa.Load(quants + i));
            V difference = TIsa.Subtract(TIsa.Add(product, minimum), TIsa.Load(values + i));
            V size = isAbsolute ? TIsa.AndBits(difference, magnitude) : TIsa.Multiply(difference, difference);
            error = TIsa.Add(error, TIsa.Multiply(TIsa.Load(weights + i), size));
        }

        return error;
    }

    private static void Round(ReadOnlySpan<float> values, float inverse, float minimum, int largest, Span<byte> quants)
    {
        for (int i = 0; i < values.Length; i++)
        {
            quants[i] = (byte)Math.Clamp(NearestInteger.Of(inverse * (values[i] - minimum)), 0, largest);
        }
    }

    private static float Error(
        ReadOnlySpan<float> values, ReadOnlySpan<float> weights, ReadOnlySpan<byte> quants, float scale, float minimum, bool isAbsolute)
    {
        float error = 0;
        for (int i = 0; i < values.Length; i++)
        {
            float difference = (scale * quants[i]) + minimum - values[i];
            error += weights[i] * (isAbsolute ? MathF.Abs(difference) : difference * difference);
        }

        return error;
    }

    // Scale and minimum of least error for given quants; false where all quants are the same.
    private static bool Solve(
        ReadOnlySpan<float> values, ReadOnlySpan<float> weights, ReadOnlySpan<byte> quants, float sumW, float sumX, out float scale,
        out float minimum)
    {
        float sumQ = 0, sumQQ = 0, sumXQ = 0;
        for (int i = 0; i < values.Length; i++)
        {
            float weighted = weights[i] * quants[i];
            sumQ += weighted;
            sumQQ += weighted * quants[i];
            sumXQ += weighted * values[i];
        }

        float determinant = (sumW * sumQQ) - (sumQ * sumQ);
        scale = ((sumW * sumXQ) - (sumX * sumQ)) / determinant;
        minimum = ((sumQQ * sumX) - (sumQ * sumXQ)) / determinant;
        if (minimum > 0)
        {
            (scale, minimum) = (sumXQ / sumQQ, 0);
        }

        return determinant > 0;
    }
}
