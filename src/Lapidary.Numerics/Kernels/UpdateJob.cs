using System.Runtime.CompilerServices;
using Lapidary.Numerics.Simd;
using Lapidary.Numerics.Threading;

namespace Lapidary.Numerics.Kernels;

/// <summary>One step of an elementwise optimizer in one pass over weights, gradient and what is kept per weight.</summary>
internal unsafe struct UpdateJob<TRule> : IParallelJob, IParallelVectorKernel
    where TRule : struct, IUpdateRule
{
    private const int GroupLength = RandomBits.GroupLength;

    // Groups that are taken at a time.
    private const int UnitGroups = 16;

    private readonly WeightStore store;
    private readonly float* gradient;
    private readonly float* first;
    private readonly float* second;
    private readonly long count;
    private readonly TRule rule;
    private SharedRows units;

    public UpdateJob(WeightStore store, float* gradient, float* first, float* second, long count, TRule rule)
    {
        this.store = store;
        this.gradient = gradient;
        this.first = first;
        this.second = second;
        this.count = count;
        this.rule = rule;
        const int Unit = UnitGroups * GroupLength;
        units = new SharedRows(checked((int)((count + Unit - 1) / Unit)));
    }

    public void Execute(int worker, int workers) => VectorDispatch.Run(ref this, worker, workers);

    public void Run<V, TIsa>(int worker, int workers)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        while (units.TryTake(workers, out int start, out int end))
        {
            Update<V, TIsa>((long)start * UnitGroups, (long)end * UnitGroups);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Update<V, TIsa>(long startGroup, long endGroup)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        uint* words = stackalloc uint[GroupLength];
        for (long group = startGroup; group < endGroup && group * GroupLength < count; group++)
        {
            long offset = group * GroupLength;
            store.Draw<V, TIsa>(words, group);
            if (offset + GroupLength <= count)
            {
                UpdateGroup<V, TIsa>(in store, offset, gradient + offset, first + offset, second + offset, words, rule);
            }
            else
            {
                UpdateLast<V, TIsa>(offset, (int)(count - offset), words);
            }
        }
    }

    // The last, partial group goes through the same instructions on a padded copy.
    private readonly void UpdateLast<V, TIsa>(long offset, int length, uint* words)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        float* padded = stackalloc float[4 * GroupLength];
        new Span<float>(padded, 4 * GroupLength).Clear();
        float* g = padded + GroupLength, a = g + GroupLength, b = a + GroupLength;
        WeightStore copy = store;
        copy.Values = padded;
        store.CopyTo(offset, length, padded);
        Copy(gradient + offset, g, length);
        if (TRule.States.First)
        {
            Copy(first + offset, a, length);
        }

        if (TRule.States.Second)
        {
            Copy(second + offset, b, length);
        }

        UpdateGroup<V, TIsa>(in copy, 0, g, a, b, words, rule);
        store.CopyFrom(padded, offset, length);
        if (TRule.States.First)
        {
            Copy(a, first + offset, length);
        }

        if (TRule.States.Second)
        {
            Copy(b, second + offset, length);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void UpdateGroup<V, TIsa>(
        in WeightStore store, long offset, float* gradient, float* first, float* second, uint* words, TRule rule)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        for (int i = 0; i < GroupLength; i += TIsa.Width)
        {
            V a = TRule.States.First ? TIsa.Load(first + i) : TIsa.Zero;
            V b = TRule.States.Second ? TIsa.Load(second + i) : TIsa.Zero;
            V value = rule.Apply<V, TIsa>(store.Load<V, TIsa>(offset + i), TIsa.Load(gradient + i), ref a, ref b);
            store.Store<V, TIsa>(offset + i, value, words + i);
            if (TRule.States.First)
            {
                TIsa.Store(first + i, a);
            }

            if (TRule.States.Second)
            {
                TIsa.Store(second + i, b);
            }
        }
    }

    private static void Copy(float* source, float* destination, int count) =>
        new ReadOnlySpan<float>(source, count).CopyTo(new Span<float>(destination, count));
}
