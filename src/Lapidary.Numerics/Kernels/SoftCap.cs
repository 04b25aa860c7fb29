using System.Runtime.CompilerServices;
using Lapidary.Numerics.Simd;
using Lapidary.Numerics.Threading;

namespace Lapidary.Numerics.Kernels;

/// <summary>Keeps numbers within a cap: c * tanh(x / c) (Gemma 2 Technical Report, 2024, section 2).</summary>
public static unsafe class SoftCap
{
    /// <summary>values[i] = cap * tanh(values[i] / cap), for <paramref name="count"/> elements.</summary>
    public static void Forward(WorkerPool pool, float* values, long count, float cap)
    {
        var job = new ElementwiseJob<Operator>(values, values, count, cap);
        SharedWork.Run(pool, ref job, 4 * count);
    }

    /// <summary>The same in plain scalar code and double precision.</summary>
    public static void Reference(Span<float> values, float cap)
    {
        foreach (ref float value in values)
        {
            value = (float)(cap * Math.Tanh(value / (double)cap));
        }
    }

    /// <summary>cap * tanh(x / cap) = cap - 2 cap / (e^(2x / cap) + 1); off by no more than the rounding of a number of the size of cap.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V Apply<V, TIsa>(V x, float cap)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        V exponential = VectorMath.Exp<V, TIsa>(TIsa.Multiply(x, TIsa.Create(2 / cap)));
        return TIsa.Subtract(TIsa.Create(cap), TIsa.Divide(TIsa.Create(2 * cap), TIsa.Add(exponential, TIsa.Create(1f))));
    }

    private readonly struct Operator : IElementOperator
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<V, TIsa>(V x, V same, float cap)
            where V : struct
            where TIsa : struct, IVectorIsa<V>
            => SoftCap.Apply<V, TIsa>(x, cap);
    }
}
