using System.Runtime.CompilerServices;
using Lapidary.Numerics.Simd;
using Lapidary.Numerics.Threading;

namespace Lapidary.Numerics.Kernels;

/// <summary>
/// Soft-caps rows of logits and keeps a copy for the derivative. The cap would make numbers of NaN and infinity: a row that holds one
/// becomes NaN as a whole, so that the loss reports it.
/// </summary>
internal unsafe struct CapLogitsJob(float* logits, float* copy, int rows, int width, float cap) : IParallelJob, IParallelVectorKernel
{
    private SharedRows shared = new(rows);

    public void Execute(int worker, int workers) => VectorDispatch.Run(ref this, worker, workers);

    public void Run<V, TIsa>(int worker, int workers)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        while (shared.TryTake(workers, out int start, out int end))
        {
            for (int row = start; row < end; row++)
            {
                Cap<V, TIsa>((nint)row * width);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Cap<V, TIsa>(nint offset)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        float* x = logits + offset;

        // Zero times NaN or infinity is NaN, and stays it in a sum.
        V products = TIsa.Zero;
        int i = 0;
        for (; i + TIsa.Width <= width; i += TIsa.Width)
        {
            V value = TIsa.Load(x + i);
            products = TIsa.MultiplyAdd(value, TIsa.Zero, products);
            TIsa.Store(x + i, SoftCap.Apply<V, TIsa>(value, cap));
        }

        float product = TIsa.Sum(products);
        if (i < width)
        {
            // The last, partial vector goes through the same instructions on a padded copy.
            float* padded = stackalloc float[16];
            new Span<float>(padded, 16).Clear();
            new ReadOnlySpan<float>(x + i, width - i).CopyTo(new Span<float>(padded, 16));
            V value = TIsa.Load(padded);
            product += TIsa.Sum(TIsa.Multiply(value, TIsa.Zero));
            TIsa.Store(padded, SoftCap.Apply<V, TIsa>(value, cap));
            new ReadOnlySpan<float>(padded, width - i).CopyTo(new Span<float>(x + i, width - i));
        }

        if (product != 0)
        {
            new Span<float>(x, width).Fill(float.NaN);
        }

        if (copy is not null)
        {
            new ReadOnlySpan<float>(x, width).CopyTo(new Span<float>(copy + offset, width));
        }
    }
}
