using System.Runtime.CompilerServices;
using Lapidary.Numerics.Simd;
using Lapidary.Numerics.Threading;

namespace Lapidary.Numerics.Kernels;

/// <content>
/// The gradient: with s = 1 / (1 + e^(-2u)), gelu(x) = x s and gelu'(x) = s + x s (1 - s) 2u',
/// 2u' = 2 sqrt(2 / pi) (1 + 3 * 0.044715 x^2).
/// </content>
public static unsafe partial class GatedGelu
{
    private const float SlopeConstant = -MinusTwoSqrtTwoOverPi;
    private const float SlopeSquare = -3 * CubicFactor;

    // Beyond this GELU is 0 or x to the last bit, and e^(-2u) still within float32: its slope is taken at this place, where the
    // powers of a larger x would overflow.
    private const float SlopeLimit = 10;

    /// <summary>
    /// Takes the gradient of the output through the gate: gate[i] becomes outputGradient[i] * up[i] * gelu'(gate[i]) and up[i] becomes
    /// outputGradient[i] * gelu(gate[i]).
    /// </summary>
    /// <param name="pool">Workers that share the elements.</param>
    /// <param name="gate">The gate [rows, width], replaced by its gradient.</param>
    /// <param name="up">What was gated [rows, width], replaced by its gradient.</param>
    /// <param name="outputGradient">The gradient of the output [rows, width].</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="width">Length of a row.</param>
    public static void Backward(WorkerPool pool, float* gate, float* up, float* outputGradient, int rows, int width)
    {
        var job = new BackwardJob(gate, up, outputGradient, (long)rows * width);
        SharedWork.Run(pool, ref job, 4L * rows * width);
    }

    /// <summary>The backward pass in plain scalar code and double precision.</summary>
    public static void BackwardReference(Span<float> gate, Span<float> up, ReadOnlySpan<float> outputGradient)
    {
        for (int i = 0; i < gate.Length; i++)
        {
            double x = gate[i];
            double tanh = Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x)));
            double slope = Math.Sqrt(2 / Math.PI) * (1 + (3 * 0.044715 * x * x)) * (1 - (tanh * tanh));
            double derivative = (0.5 * (1 + tanh)) + (0.5 * x * slope);
            gate[i] = (float)(outputGradient[i] * up[i] * derivative);
            up[i] = (float)(outputGradient[i] * 0.5 * x * (1 + tanh));
        }
    }

    // Two results from one exponential: the one element-wise step that does not fit ElementwiseJob.
    private struct BackwardJob(float* gate, float* up, float* outputGradient, long count) : IParallelJob, IParallelVectorKernel
    {
        private const int Unit = 1024;

        private readonly float* gate = gate;
        private readonly float* up = up;
        private readonly float* outputGradient = outputGradient;
        private readonly long count = count;
        private SharedRows units = new((int)((count + Unit - 1) / Unit));

        public void Execute(int worker, int workers) => VectorDispatch.Run(ref this, worker, workers);

        public void Run<V, TIsa>(int worker, int workers)
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            while (units.TryTake(workers, out int start, out int end))
            {
                Differentiate<V, TIsa>((long)start * Unit, Math.Min(count, (long)end * Unit));
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Differentiate<V, TIsa>(long start, long end)
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            long i = start;
            for (; i + TIsa.Width <= end; i += TIsa.Width)
            {
                Apply<V, TIsa>(gate + i, up + i, outputGradient + i);
            }

            if (i < end)
            {
                // The last, partial vector goes through the same instructions on a padded copy.
                float* padded = stackalloc float[48];
                new Span<float>(padded, 48).Clear();
                int rest = (int)(end - i);
                new ReadOnlySpan<float>(gate + i, rest).CopyTo(new Span<float>(padded, 16));
                new ReadOnlySpan<float>(up + i, rest).CopyTo(new Span<float>(padded + 16, 16));
                new ReadOnlySpan<float>(outputGradient + i, rest).CopyTo(new Span<float>(padded + 32, 16));
                Apply<V, TIsa>(padded, padded + 16, padded + 32);
                new ReadOnlySpan<float>(padded, rest).CopyTo(new Span<float>(gate + i, rest));
                new ReadOnlySpan<float>(padded + 16, rest).CopyTo(new Span<float>(up + i, rest));
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Apply<V, TIsa>(float* gate, float* up, float* outputGradient)
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            V x = TIsa.Load(gate), gradient = TIsa.Load(outputGradient), one = TIsa.Create(1f);
            V near = TIsa.Min(TIsa.Max(x, TIsa.Create(-SlopeLimit)), TIsa.Create(SlopeLimit));
            V exponential = Exponential<V, TIsa>(near);
            V s = TIsa.Divide(one, TIsa.Add(one, exponential));
            // 1 - s as e^(-2u) s, in an order that neither cancels nor leaves the range.
            V bell = TIsa.Multiply(TIsa.Multiply(exponential, s), s);
            V slope = TIsa.MultiplyAdd(TIsa.Multiply(near, near), TIsa.Create(SlopeSquare), TIsa.Create(SlopeConstant));
            V derivative = TIsa.MultiplyAdd(TIsa.Multiply(near, bell), slope, s);
            TIsa.Store(gate, TIsa.Multiply(TIsa.Multiply(gradient, TIsa.Load(up)), derivative));
            TIsa.Store(up, TIsa.Multiply(gradient, TIsa.Multiply(x, s)));
        }
    }
}
