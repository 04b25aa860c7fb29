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

    /// <summary>
    /// Takes a gradient through the cap, from what the cap gave: gradient[i] *= 1 - (capped[i] / cap)^2, the derivative of
    /// cap * tanh(x / cap), for <paramref name="count"/> elements.
    /// </summary>
    /// <param name="pool">Workers that share the elements.</param>
    /// <param name="capped">What <see cref="Forward"/> left.</param>
    /// <param name="gradient">The gradient of the capped values, replaced by that of the values before.</param>
    /// <param name="count">Number of elements.</param>
    /// <param name="cap">The cap.</param>
    public static void Backward(WorkerPool pool, float* capped, float* gradient, long count, float cap)
    {
        var job = new ElementwiseJob<Derivative>(gradient, capped, count, 1 / cap);
        SharedWork.Run(pool, ref job, count);
    }

    /// <summary><see cref="Forward"/> in plain scalar code and double precision.</summary>
    public static void Reference(Span<float> values, float cap)
    {
        foreach (ref float value in values)
        {
            value = (float)(cap * Math.Tanh(value / (double)cap));
        }
    }

    /// <summary><see cref="Backward"/> in plain scalar code and double precision.</summary>
    public static void BackwardReference(ReadOnlySpan<float> capped, Span<float> gradient, float cap)
    {
        for (int i = 0; i < gradient.Length; i++)
        {
            double ratio = capped[i] / (double)cap;
            gradient[i] = (float)(gradient[i] * (1 - (ratio * ratio)));
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

    /// <summary>gradient * (1 - (capped / cap)^2).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static V ApplyDerivative<V, TIsa>(V gradient, V capped, V inverseCap)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        V ratio = TIsa.Multiply(capped, inverseCap);
        return TIsa.Multiply(gradient, TIsa.Subtract(TIsa.Create(1f), TIsa.Multiply(ratio, ratio)));
    }

    private readonly struct Derivative : IElementOperator
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<V, TIsa>(V gradient, V capped, float inverseCap)
            where V : struct
            where TIsa : struct, IVectorIsa<V>
            => ApplyDerivative<V, TIsa>(gradient, capped, TIsa.Create(inverseCap));
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
