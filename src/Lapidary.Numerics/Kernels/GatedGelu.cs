using System.Runtime.CompilerServices;
using Lapidary.Numerics.Simd;
using Lapidary.Numerics.Threading;

namespace Lapidary.Numerics.Kernels;

/// <summary>
/// The gate of Gemma's feed-forward layer: gelu(gate) * up with the tanh form of GELU (Hendrycks and Gimpel 2016),
/// 0.5 x (1 + tanh(u)) = x / (1 + e^(-2u)), u = sqrt(2 / pi) (x + 0.044715 x^3).
/// </summary>
public static unsafe partial class GatedGelu
{
    private const float MinusTwoSqrtTwoOverPi = -1.5957691216f;
    private const float CubicFactor = 0.044715f * MinusTwoSqrtTwoOverPi;

    /// <summary>gate[i] = gelu(gate[i]) * up[i], for <paramref name="rows"/> rows of <paramref name="width"/>.</summary>
    public static void Forward(WorkerPool pool, float* gate, float* up, int rows, int width) => Forward(pool, gate, up, gate, rows, width);

    /// <summary>
    /// output[i] = gelu(gate[i]) * up[i], for <paramref name="rows"/> rows of <paramref name="width"/>; gate and up stay as they are, for
    /// <see cref="Backward"/>.
    /// </summary>
    public static void Forward(WorkerPool pool, float* gate, float* up, float* output, int rows, int width)
    {
        var job = new ElementwiseJob<Operator>(gate, up, output, (long)rows * width, 0);
        // An exponential and a division an element: worth sharing much earlier than a copy.
        SharedWork.Run(pool, ref job, 4L * rows * width);
    }

    /// <summary><see cref="Forward(WorkerPool, float*, float*, int, int)"/> in plain scalar code and double precision.</summary>
    public static void Reference(Span<float> gate, ReadOnlySpan<float> up)
    {
        for (int i = 0; i < gate.Length; i++)
        {
            double x = gate[i];
            double u = Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x));
            gate[i] = (float)(0.5 * x * (1 + Math.Tanh(u)) * up[i]);
        }
    }

    // e^(-2u).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Exponential<V, TIsa>(V x)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        V inner = TIsa.MultiplyAdd(TIsa.Multiply(x, x), TIsa.Create(CubicFactor), TIsa.Create(MinusTwoSqrtTwoOverPi));
        return VectorMath.Exp<V, TIsa>(TIsa.Multiply(x, inner));
    }

    private readonly struct Operator : IElementOperator
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<V, TIsa>(V x, V up, float parameter)
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            V exponential = Exponential<V, TIsa>(x);
            return TIsa.Multiply(TIsa.Divide(x, TIsa.Add(TIsa.Create(1f), exponential)), up);
        }
    }
}
