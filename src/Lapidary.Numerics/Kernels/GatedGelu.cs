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
        var job = new Job { Gate = gate, Up = up, Rows = rows, Width = width };
        // An exponential and a division an element: worth sharing much earlier than a copy.
        RowParallel.Run(pool, ref job, 4L * rows * width);
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

    private struct Job : IParallelJob, IParallelVectorKernel
    {
        public float* Gate;
        public float* Up;
        public int Rows;
        public int Width;

        public void Execute(int worker, int workers) => VectorDispatch.Run(ref this, worker, workers);

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<V, TIsa>(int worker, int workers)
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            // The elements are independent: share them in whole vectors, whatever the rows. Which of them fall into the last, partial
            // vector depends only on the shape, and that one is computed by the same instructions on a padded copy.
            long total = (long)Rows * Width;
            int vectors = (int)(total / TIsa.Width);
            RowRange range = RowRange.Of(worker, workers, vectors);
            for (int i = range.Start; i < range.End; i++)
            {
                float* gate = Gate + ((nint)i * TIsa.Width);
                TIsa.Store(gate, Gated<V, TIsa>(TIsa.Load(gate), TIsa.Load(Up + ((nint)i * TIsa.Width))));
            }

            int rest = (int)(total - ((long)vectors * TIsa.Width));
            if (rest > 0 && worker == workers - 1)
            {
                float* padded = stackalloc float[32];
                new Span<float>(padded, 32).Clear();
                float* gate = Gate + ((nint)vectors * TIsa.Width);
                float* up = Up + ((nint)vectors * TIsa.Width);
                for (int i = 0; i < rest; i++)
                {
                    padded[i] = gate[i];
                    padded[16 + i] = up[i];
                }

                TIsa.Store(padded, Gated<V, TIsa>(TIsa.Load(padded), TIsa.Load(padded + 16)));
                for (int i = 0; i < rest; i++)
                {
                    gate[i] = padded[i];
                }
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
