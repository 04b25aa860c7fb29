using System.Runtime.CompilerServices;
using Lapidary.Numerics.Simd;
using Lapidary.Numerics.Threading;

namespace Lapidary.Numerics.Kernels;

/// <summary>What an <see cref="ElementwiseJob{TOperator}"/> does to each element.</summary>
internal interface IElementOperator
{
    /// <summary>The new value of a target element, from the old one, the operand's element beside it and the parameter.</summary>
    static abstract V Apply<V, TIsa>(V target, V operand, float parameter)
        where V : struct
        where TIsa : struct, IVectorIsa<V>;
}

/// <summary>
/// destination[i] = operator(target[i], operand[i], parameter), the destination being the target where none is named: the loop is
/// written once, the operators differ.
/// </summary>
internal unsafe struct ElementwiseJob<TOperator>(float* target, float* operand, float* destination, long count, float parameter)
    : IParallelJob, IParallelVectorKernel
    where TOperator : struct, IElementOperator
{
    // Elements that are taken at a time: a multiple of every vector.
    private const int Unit = 1024;

    private readonly float* target = target;
    private readonly float* operand = operand;
    private readonly float* destination = destination;
    private readonly long count = count;
    private readonly float parameter = parameter;
    private SharedRows units = new((int)((count + Unit - 1) / Unit));

    public ElementwiseJob(float* target, float* operand, long count, float parameter)
        : this(target, operand, target, count, parameter)
    {
    }

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
            TIsa.Store(destination + i, TOperator.Apply<V, TIsa>(TIsa.Load(target + i), TIsa.Load(operand + i), parameter));
        }

        if (i < end)
        {
            // The last, partial vector goes through the same instructions on a padded copy.
            float* padded = stackalloc float[32];
            new Span<float>(padded, 32).Clear();
            int rest = (int)(end - i);
            new ReadOnlySpan<float>(target + i, rest).CopyTo(new Span<float>(padded, 16));
            new ReadOnlySpan<float>(operand + i, rest).CopyTo(new Span<float>(padded + 16, 16));
            TIsa.Store(padded, TOperator.Apply<V, TIsa>(TIsa.Load(padded), TIsa.Load(padded + 16), parameter));
            new ReadOnlySpan<float>(padded, rest).CopyTo(new Span<float>(destination + i, rest));
        }
    }
}
