using System.Runtime.CompilerServices;
using Lapidary.Numerics.Simd;

namespace Lapidary.Numerics.Formats.Encoding;

/// <summary>
/// Finds the scale s of a group for numbers s * q with -limit &lt;= q &lt; limit, as ggml does for Q3_K without an importance
/// (<c>make_q3_quants</c>). What is to be large is sum(w x q)^2 / sum(w q^2) with w = x^2, which makes the sum of w * (s * q - x)^2 small
/// (see <see cref="ScaleSearch"/>). The start puts the element of largest magnitude on -limit; then, up to five times around, each quant
/// moves to where the scale of the others wants it, if that is a gain.
/// </summary>
internal static unsafe class ScaleDescent
{
    private const int Rounds = 5;

    /// <summary>One group in plain scalar code; returns the scale. Quants are stored as in <see cref="ScaleSearch.Find"/>.</summary>
    public static float Find(ReadOnlySpan<float> values, int limit, Span<byte> quants)
    {
        float extreme = ScaleSearch.Extreme(values);
        quants.Clear();
        if (MathF.Abs(extreme) < ScaleSearch.Negligible)
        {
            return 0;
        }

        Span<int> chosen = stackalloc int[values.Length];
        float inverse = -limit / extreme, sumXQ = 0, sumQQ = 0;
        for (int i = 0; i < values.Length; i++)
        {
            float x = values[i], w = x * x;
            chosen[i] = Math.Clamp(NearestInteger.Of(inverse * x), -limit, limit - 1);
            sumXQ += w * x * chosen[i];
            sumQQ += w * chosen[i] * chosen[i];
        }

        bool hasChanged = true;
        for (int round = 0; round < Rounds && hasChanged; round++)
        {
            hasChanged = false;
            for (int i = 0; i < values.Length; i++)
            {
                hasChanged |= Move(values[i], limit, ref chosen[i], ref sumXQ, ref sumQQ);
            }
        }

        for (int i = 0; i < values.Length; i++)
        {
            quants[i] = (byte)(chosen[i] + limit);
        }

        return sumQQ > 0 ? sumXQ / sumQQ : 0;
    }

    /// <summary>A batch of groups, one a lane: fills scales and quants, which have limit added.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Find<V, TIsa>(GroupLanes* lanes, int batch, int groupLength, int limit)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        int start = batch * groupLength * TIsa.Width, length = groupLength * TIsa.Width;
        float* values = lanes->Values + start;
        float* quants = lanes->Quants + start;
        V extreme = ScaleSearch.Extreme<V, TIsa>(values, length), largest = TIsa.AndBits(extreme, TIsa.CreateBits(0x7fffffff));
        V inverse = TIsa.Divide(TIsa.Create(-limit), extreme);
        V sumXQ = TIsa.Zero, sumQQ = TIsa.Zero;
        for (int i = 0; i < length; i += TIsa.Width)
        {
            V x = TIsa.Load(values + i), w = TIsa.Multiply(x, x);
            V quant = ScaleSearch.Quant<V, TIsa>(x, inverse, limit);
            TIsa.Store(quants + i, quant);
            sumXQ = TIsa.Add(sumXQ, TIsa.Multiply(TIsa.Multiply(w, x), quant));
            sumQQ = TIsa.Add(sumQQ, TIsa.Multiply(TIsa.Multiply(w, quant), quant));
        }

        // Once a round has changed nothing in a lane, no further one does: lanes that are done may go on with the others.
        bool hasChanged = true;
        for (int round = 0; round < Rounds && hasChanged; round++)
        {
            V changed = TIsa.Zero;
            for (int i = 0; i < length; i += TIsa.Width)
            {
                V x = TIsa.Load(values + i), before = TIsa.Load(quants + i);
                V after = Move<V, TIsa>(x, before, limit, ref sumXQ, ref sumQQ);
                TIsa.Store(quants + i, after);
                changed = TIsa.SelectEqual(before, after, changed, TIsa.Create(1f));
            }

            hasChanged = TIsa.MaxElement(changed) > 0;
        }

        V negligible = TIsa.Create(ScaleSearch.Negligible);
        for (int i = 0; i < length; i += TIsa.Width)
        {
            V stored = TIsa.Add(TIsa.Load(quants + i), TIsa.Create(limit));
            TIsa.Store(quants + i, TIsa.SelectGreater(negligible, largest, TIsa.Zero, stored));
        }

        V scale = TIsa.SelectGreater(sumQQ, TIsa.Zero, TIsa.Divide(sumXQ, sumQQ), TIsa.Zero);
        TIsa.Store(lanes->Scales + (batch * TIsa.Width), TIsa.SelectGreater(negligible, largest, TIsa.Zero, scale));
    }

    // The quant of x that the scale of the other elements asks for, if it is a gain; otherwise it stays.
    private static bool Move(float x, int limit, ref int quant, ref float sumXQ, ref float sumQQ)
    {
        float w = x * x, otherXQ = sumXQ - (w * x * quant);
        if (!(otherXQ > 0))
        {
            return false;
        }

        float otherQQ = sumQQ - (w * quant * quant);
        int moved = Math.Clamp(NearestInteger.Of(x * otherQQ / otherXQ), -limit, limit - 1);
        if (moved == quant)
        {
            return false;
        }

        otherXQ += w * x * moved;
        otherQQ += w * moved * moved;
        if (!(otherQQ > 0 && otherXQ * otherXQ * sumQQ > sumXQ * sumXQ * otherQQ))
        {
            return false;
        }

        (quant, sumXQ, sumQQ) = (moved, otherXQ, otherQQ);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Move<V, TIsa>(V x, V quant, int limit, ref V sumXQ, ref V sumQQ)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        V w = TIsa.Multiply(x, x), wx = TIsa.Multiply(w, x);
        V otherXQ = TIsa.Subtract(sumXQ, TIsa.Multiply(wx, quant));
        V otherQQ = TIsa.Subtract(sumQQ, TIsa.Multiply(TIsa.Multiply(w, quant), quant));
        V nearest = NearestInteger.Of<V, TIsa>(TIsa.Divide(TIsa.Multiply(x, otherQQ), otherXQ));
        V moved = TIsa.Max(TIsa.Min(nearest, TIsa.Create(limit - 1)), TIsa.Create(-limit));
        V newXQ = TIsa.Add(otherXQ, TIsa.Multiply(wx, moved));
        V newQQ = TIsa.Add(otherQQ, TIsa.Multiply(TIsa.Multiply(w, moved), moved));
        V gained = TIsa.Multiply(TIsa.Multiply(newXQ, newXQ), sumQQ);
        V bound = TIsa.Multiply(TIsa.Multiply(sumXQ, sumXQ), newQQ);
        V never = TIsa.Create(float.PositiveInfinity);
        bound = TIsa.SelectGreater(otherXQ, TIsa.Zero, bound, never);
        bound = TIsa.SelectGreater(newQQ, TIsa.Zero, bound, never);
        bound = TIsa.SelectEqual(moved, quant, never, bound);
        sumXQ = TIsa.SelectGreater(gained, bound, newXQ, sumXQ);
        sumQQ = TIsa.SelectGreater(gained, bound, newQQ, sumQQ);
        return TIsa.SelectGreater(gained, bound, moved, quant);
    }
}
