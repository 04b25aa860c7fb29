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
        var job = new Job(values, count, cap);
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

    private struct Job(float* values, long count, float cap) : IParallelJob, IParallelVectorKernel
    {
        // Elements that are taken at a time: a multiple of every vector.
        private const int Unit = 4096;

        private readonly float* values = values;
        private readonly long count = count;
        private readonly float cap = cap;
        private SharedRows units = new((int)((count + Unit - 1) / Unit));

        public void Execute(int worker, int workers) => VectorDispatch.Run(ref this, worker, workers);

        public void Run<V, TIsa>(int worker, int workers)
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            while (units.TryTake(workers, out int start, out int end))
            {
                ApplyRange<V, TIsa>((long)start * Unit, Math.Min(count, (long)end * Unit));
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void ApplyRange<V, TIsa>(long start, long end)
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            long i = start;
            for (; i + TIsa.Width <= end; i += TIsa.Width)
            {
                TIsa.Store(values + i, Apply<V, TIsa>(TIsa.Load(values + i), cap));
            }

            if (i < end)
            {
                // The last, partial vector goes through the same instructions on a padded copy.
                float* padded = stackalloc float[16];
                new Span<float>(padded, 16).Clear();
                int rest = (int)(end - i);
                new ReadOnlySpan<float>(values + i, rest).CopyTo(new Span<float>(padded, 16));
                TIsa.Store(padded, Apply<V, TIsa>(TIsa.Load(padded), cap));
                new ReadOnlySpan<float>(padded, rest).CopyTo(new Span<float>(values + i, rest));
            }
        }
    }
}
