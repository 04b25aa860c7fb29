using System.Runtime.CompilerServices;
using Lapidary.Numerics.Simd;
using Lapidary.Numerics.Threading;

namespace Lapidary.Numerics.Kernels;

/// <summary>Sums and multiples of whole tensors, element by element.</summary>
public static unsafe class VectorAdd
{
    /// <summary>target[i] += addend[i], for <paramref name="count"/> elements.</summary>
    public static void Add(WorkerPool pool, float* target, float* addend, long count)
    {
        var job = new Job(target, addend, count, 1);
        SharedWork.Run(pool, ref job, count);
    }

    /// <summary>target[i] *= factor, for <paramref name="count"/> elements.</summary>
    public static void Scale(WorkerPool pool, float* target, float factor, long count)
    {
        var job = new Job(target, null, count, factor);
        SharedWork.Run(pool, ref job, count);
    }

    private struct Job(float* target, float* addend, long count, float scale) : IParallelJob, IParallelVectorKernel
    {
        // Elements that are taken at a time: a multiple of every vector.
        private const int Unit = 4096;

        private readonly float* target = target;
        private readonly float* addend = addend;
        private readonly long count = count;
        private readonly float scale = scale;
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
            V scales = TIsa.Create(scale);
            for (; i + TIsa.Width <= end; i += TIsa.Width)
            {
                V value = TIsa.Load(target + i);
                TIsa.Store(target + i, addend is null ? TIsa.Multiply(value, scales) : TIsa.Add(value, TIsa.Load(addend + i)));
            }

            for (; i < end; i++)
            {
                target[i] = addend is null ? target[i] * scale : target[i] + addend[i];
            }
        }
    }
}
