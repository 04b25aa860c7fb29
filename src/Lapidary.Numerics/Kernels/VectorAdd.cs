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
        var job = new ElementwiseJob<Sum>(target, addend, count, 0);
        SharedWork.Run(pool, ref job, count);
    }

    /// <summary>target[i] *= factor, for <paramref name="count"/> elements.</summary>
    public static void Scale(WorkerPool pool, float* target, float factor, long count)
    {
        var job = new ElementwiseJob<Product>(target, target, count, factor);
        SharedWork.Run(pool, ref job, count);
    }

    private readonly struct Sum : IElementOperator
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<V, TIsa>(V target, V addend, float parameter)
            where V : struct
            where TIsa : struct, IVectorIsa<V>
            => TIsa.Add(target, addend);
    }

    private readonly struct Product : IElementOperator
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<V, TIsa>(V target, V same, float factor)
            where V : struct
            where TIsa : struct, IVectorIsa<V>
            => TIsa.Multiply(target, TIsa.Create(factor));
    }
}
