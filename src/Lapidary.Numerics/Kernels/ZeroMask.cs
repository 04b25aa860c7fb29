using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Lapidary.Numerics.Threading;

namespace Lapidary.Numerics.Kernels;

/// <summary>The zeros of a pruned tensor taken as the mask of what belongs to it: its gradient, the moments of its optimizer.</summary>
public static unsafe class ZeroMask
{
    private const int BlockLength = 16384;

    /// <summary>Sets to zero every element of <paramref name="target"/> whose weight is zero.</summary>
    /// <param name="pool">Workers that share the elements.</param>
    /// <param name="weights">F32 or BF16; 0 and -0 are zero.</param>
    /// <param name="target">[weights.Length].</param>
    /// <returns>How many weights are zero.</returns>
    /// <exception cref="ArgumentException">The weights have another type.</exception>
    public static long Apply(WorkerPool pool, Tensor weights, float* target)
    {
        ArgumentNullException.ThrowIfNull(weights);
        if (weights.Type is not (ElementType.F32 or ElementType.BF16))
        {
            throw new ArgumentException($"Weights that mask something are F32 or BF16, not {weights.Type}.", nameof(weights));
        }

        long zeros = 0;
        var job = new Job
        {
            Weights = weights.Data,
            IsHalf = weights.Type == ElementType.BF16,
            Target = target,
            Count = weights.Length,
            Zeros = &zeros,
            Blocks = new SharedRows(checked((int)((weights.Length + BlockLength - 1) / BlockLength))),
        };
        SharedWork.Run(pool, ref job, weights.Length);
        return zeros;
    }

    /// <summary>The same in plain scalar code.</summary>
    public static long Reference(ReadOnlySpan<float> weights, Span<float> target)
    {
        long zeros = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            if (weights[i] == 0)
            {
                target[i] = 0;
                zeros++;
            }
        }

        return zeros;
    }

    private struct Job : IParallelJob
    {
        public byte* Weights;
        public bool IsHalf;
        public float* Target;
        public long Count;
        public long* Zeros;
        public SharedRows Blocks;

        public void Execute(int worker, int workers)
        {
            long zeros = 0;
            while (Blocks.TryTake(workers, out int start, out int end))
            {
                long first = (long)start * BlockLength, last = Math.Min(Count, (long)end * BlockLength);
                zeros += IsHalf
                    ? Halves((ushort*)Weights, Target, first, last)
                    : Floats((float*)Weights, Target, first, last);
            }

            Interlocked.Add(ref *Zeros, zeros);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static long Floats(float* weights, float* target, long first, long last)
        {
            long zeros = 0, i = first;
            for (; i + 4 <= last; i += 4)
            {
                Vector128<float> mask = Vector128.Equals(Vector128.Load(weights + i), Vector128<float>.Zero);
                Vector128.AndNot(Vector128.Load(target + i), mask).Store(target + i);
                zeros += System.Numerics.BitOperations.PopCount(mask.ExtractMostSignificantBits());
            }

            return zeros + Reference(
                new ReadOnlySpan<float>(weights + i, (int)(last - i)), new Span<float>(target + i, (int)(last - i)));
        }

        private static long Halves(ushort* weights, float* target, long first, long last)
        {
            const int Magnitude = 0x7FFF;
            long zeros = 0;
            for (long i = first; i < last; i++)
            {
                bool isZero = (weights[i] & Magnitude) == 0;
                target[i] = isZero ? 0 : target[i];
                zeros += isZero ? 1 : 0;
            }

            return zeros;
        }
    }
}
