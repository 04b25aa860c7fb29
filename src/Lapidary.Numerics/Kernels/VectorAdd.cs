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
        var job = new Job { Target = target, Addend = addend, Count = count, Scale = 1 };
        RowParallel.Run(pool, ref job, count);
    }

    /// <summary>target[i] *= factor, for <paramref name="count"/> elements.</summary>
    public static void Scale(WorkerPool pool, float* target, float factor, long count)
    {
        var job = new Job { Target = target, Count = count, Scale = factor };
        RowParallel.Run(pool, ref job, count);
    }

    private struct Job : IParallelJob, IParallelVectorKernel
    {
        // Elements per unit of sharing: the last unit may be shorter, and its scalar end gives the same sums as a vector would.
        private const int Unit = 1024;

        public float* Target;
        public float* Addend;
        public long Count;
        public float Scale;

        public void Execute(int worker, int workers) => VectorDispatch.Run(ref this, worker, workers);

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<V, TIsa>(int worker, int workers)
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            RowRange range = RowRange.Of(worker, workers, (int)((Count + Unit - 1) / Unit));
            long end = Math.Min(Count, (long)range.End * Unit);
            long i = (long)range.Start * Unit;
            V scales = TIsa.Create(Scale);
            for (; i + TIsa.Width <= end; i += TIsa.Width)
            {
                V value = TIsa.Load(Target + i);
                TIsa.Store(Target + i, Addend is null ? TIsa.Multiply(value, scales) : TIsa.Add(value, TIsa.Load(Addend + i)));
            }

            for (; i < end; i++)
            {
                Target[i] = Addend is null ? Target[i] * Scale : Target[i] + Addend[i];
            }
        }
    }
}
