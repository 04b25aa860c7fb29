using System.Runtime.CompilerServices;
using Lapidary.Numerics.Simd;
using Lapidary.Numerics.Threading;

namespace Lapidary.Numerics.Kernels;

/// <summary>
/// The gate of Gemma's feed-forward layer: gelu(gate) * up with the tanh form of GELU (Hendrycks and Gimpel 2016),
/// 0.5 x (1 + tanh(u)) = x / (1 + e^(-2u)), u = sqrt(2 / pi) (x + 0.044715 x^3).
/// </summary>
public static unsafe class GatedGelu
{
    private const float MinusTwoSqrtTwoOverPi = -1.5957691216f;
    private const float CubicFactor = 0.044715f * MinusTwoSqrtTwoOverPi;

    /// <summary>gate[i] = gelu(gate[i]) * up[i], for <paramref name="rows"/> rows of <paramref name="width"/>.</summary>
    public static void Forward(WorkerPool pool, float* gate, float* up, int rows, int width)
    {
        var job = new Job(gate, up, (long)rows * width);
        // An exponential and a division an element: worth sharing much earlier than a copy.
        SharedWork.Run(pool, ref job, 4L * rows * width);
    }

    /// <summary>The same in plain scalar code and double precision.</summary>
    public static void Reference(Span<float> gate, ReadOnlySpan<float> up)
    {
        for (int i = 0; i < gate.Length; i++)
        {
            double x = gate[i];
            double u = Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x));
            gate[i] = (float)(0.5 * x * (1 + Math.Tanh(u)) * up[i]);
        }
    }

    private struct Job(float* gate, float* up, long count) : IParallelJob, IParallelVectorKernel
    {
        // Elements that are taken at a time: a multiple of every vector.
        private const int Unit = 1024;

        private readonly float* gate = gate;
        private readonly float* up = up;
        private readonly long count = count;
        private SharedRows units = new((int)((count + Unit - 1) / Unit));

        public void Execute(int worker, int workers) => VectorDispatch.Run(ref this, worker, workers);

        public void Run<V, TIsa>(int worker, int workers)
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            while (units.TryTake(workers, out int start, out int end))
            {
                Apply<V, TIsa>((long)start * Unit, Math.Min(count, (long)end * Unit));
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Apply<V, TIsa>(long start, long end)
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            long i = start;
            for (; i + TIsa.Width <= end; i += TIsa.Width)
            {
                TIsa.Store(gate + i, Gated<V, TIsa>(TIsa.Load(gate + i), TIsa.Load(up + i)));
            }

            if (i < end)
            {
                // The last, partial vector goes through the same instructions on a padded copy.
                float* padded = stackalloc float[32];
                new Span<float>(padded, 32).Clear();
                int rest = (int)(end - i);
                new ReadOnlySpan<float>(gate + i, rest).CopyTo(new Span<float>(padded, 16));
                new ReadOnlySpan<float>(up + i, rest).CopyTo(new Span<float>(padded + 16, 16));
                TIsa.Store(padded, Gated<V, TIsa>(TIsa.Load(padded), TIsa.Load(padded + 16)));
                new ReadOnlySpan<float>(padded, rest).CopyTo(new Span<float>(gate + i, rest));
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static V Gated<V, TIsa>(V x, V up)
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            V inner = TIsa.MultiplyAdd(TIsa.Multiply(x, x), TIsa.Create(CubicFactor), TIsa.Create(MinusTwoSqrtTwoOverPi));
            V exponential = VectorMath.Exp<V, TIsa>(TIsa.Multiply(x, inner));
            return TIsa.Multiply(TIsa.Divide(x, TIsa.Add(TIsa.Create(1f), exponential)), up);
        }
    }
}
