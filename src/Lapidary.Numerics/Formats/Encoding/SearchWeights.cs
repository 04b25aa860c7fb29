using System.Runtime.CompilerServices;
using Lapidary.Numerics.Simd;

namespace Lapidary.Numerics.Formats.Encoding;

/// <summary>Computes the weights of a search by a <see cref="WeightRule"/>.</summary>
internal static unsafe class SearchWeights
{
    /// <summary>The sum of squares of <paramref name="values"/> in their order.</summary>
    public static float SumOfSquares(ReadOnlySpan<float> values)
    {
        float sum = 0;
        foreach (float x in values)
        {
            sum += x * x;
        }

        return sum;
    }

    /// <summary>The weights of one group; returns their sum.</summary>
    public static float Fill(
        WeightRule rule, ReadOnlySpan<float> values, ReadOnlySpan<float> importance, float variance, Span<float> weights)
    {
        float mean = rule == WeightRule.MagnitudeAboveMean ? MathF.Sqrt(SumOfSquares(values) / values.Length) : 0;
        float sum = 0;
        for (int i = 0; i < values.Length; i++)
        {
            float x = values[i];
            weights[i] = rule switch
            {
                WeightRule.Magnitude => MathF.Abs(x),
                WeightRule.MagnitudeAboveMean => mean + MathF.Abs(x),
                WeightRule.Square => x * x,
                WeightRule.Importance => importance[i],
                _ => importance[i] * MathF.Sqrt(variance + (x * x)),
            };
            sum += weights[i];
        }

        return sum;
    }

    /// <summary>The weights of a batch of groups, one a lane, and their sums.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="lanes">Receives weights and sums.</param>
    /// <param name="batch">Number of the batch.</param>
    /// <param name="groupLength">Length of a group.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Fill<V, TIsa>(WeightRule rule, GroupLanes* lanes, int batch, int groupLength)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        int start = batch * groupLength * TIsa.Width;
        float* values = lanes->Values + start;
        float* importance = lanes->Importance + start;
        float* weights = lanes->Weights + start;
        V magnitude = TIsa.CreateBits(0x7fffffff);
        V variance = TIsa.Load(lanes->Variances + (batch * TIsa.Width));
        V mean = rule == WeightRule.MagnitudeAboveMean ? RootMeanSquare<V, TIsa>(values, groupLength) : TIsa.Zero;
        V sum = TIsa.Zero;
        for (int i = 0; i < groupLength * TIsa.Width; i += TIsa.Width)
        {
            V x = TIsa.Load(values + i);
            V weight = rule switch
            {
                WeightRule.Magnitude => TIsa.AndBits(x, magnitude),
                WeightRule.MagnitudeAboveMean => TIsa.Add(mean, TIsa.AndBits(x, magnitude)),
                WeightRule.Square => TIsa.Multiply(x, x),
                WeightRule.Importance => TIsa.Load(importance + i),
                _ => TIsa.Multiply(TIsa.Load(importance + i), TIsa.Sqrt(TIsa.Add(variance, TIsa.Multiply(x, x)))),
            };
            TIsa.Store(weights + i, weight);
            sum = TIsa.Add(sum, weight);
        }

        TIsa.Store(lanes->WeightSums + (batch * TIsa.Width), sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V RootMeanSquare<V, TIsa>(float* values, int groupLength)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        V sum = TIsa.Zero;
        for (int i = 0; i < groupLength * TIsa.Width; i += TIsa.Width)
        {
            V x = TIsa.Load(values + i);
            sum = TIsa.Add(sum, TIsa.Multiply(x, x));
        }

        return TIsa.Sqrt(TIsa.Divide(sum, TIsa.Create(groupLength)));
    }
}
