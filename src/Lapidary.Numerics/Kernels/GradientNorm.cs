using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Lapidary.Numerics.Threading;

namespace Lapidary.Numerics.Kernels;

/// <summary>The squared length of a gradient, for clipping it and for noticing when it is no longer made of numbers.</summary>
public static unsafe class GradientNorm
{
    // A block is summed by one worker, the blocks' sums are added in order: the result does not depend on who did what.
    private const int BlockLength = 16384;

    /// <summary>The sum of squares in double precision, and where the first number is that is infinite or NaN.</summary>
    /// <param name="pool">Workers that share the blocks.</param>
    /// <param name="values">[count].</param>
    /// <param name="count">Number of values.</param>
    /// <returns>
    /// The sum, infinite or NaN if a value is, and the index of the first such value, -1 if there is none. Squares of finite floats
    /// cannot overflow a double, so the sum is finite exactly when every value is.
    /// </returns>
    /// <remarks>The same bits on every instruction set: the sums are made by the same 128-bit operations everywhere.</remarks>
    public static (double Sum, long FirstNonFinite) SquaredSum(WorkerPool pool, float* values, long count)
    {
        int blocks = checked((int)((count + BlockLength - 1) / BlockLength));
        double[] sums = ArrayPool<double>.Shared.Rent(Math.Max(1, blocks));
        try
        {
            fixed (double* first = sums)
            {
                var job = new Job { Values = values, Count = count, Sums = first, Blocks = new SharedRows(blocks) };
                SharedWork.Run(pool, ref job, count);
            }

            double total = 0;
            long nonFinite = -1;
            for (int block = 0; block < blocks; block++)
            {
                total += sums[block];
                if (nonFinite < 0 && !double.IsFinite(sums[block]))
                {
                    nonFinite = FirstNonFinite(values, (long)block * BlockLength, count);
                }
            }

            return (total, nonFinite);
        }
        finally
        {
            ArrayPool<double>.Shared.Return(sums);
        }
    }

    /// <summary>The same in plain scalar code.</summary>
    public static (double Sum, long FirstNonFinite) Reference(ReadOnlySpan<float> values)
    {
        double sum = 0;
        long nonFinite = -1;
        for (int i = 0; i < values.Length; i++)
        {
            sum += (double)values[i] * values[i];
            if (nonFinite < 0 && !float.IsFinite(values[i]))
            {
                nonFinite = i;
            }
        }

        return (sum, nonFinite);
    }

    private static long FirstNonFinite(float* values, long start, long count)
    {
        long i = start;
        while (i < count && float.IsFinite(values[i]))
        {
            i++;
        }

        return i;
    }

    // IVectorIsa knows floats only. Two doubles at a time keep up with the memory, from which the values have to come anyway.
    private struct Job : IParallelJob
    {
        public float* Values;
        public long Count;
        public double* Sums;
        public SharedRows Blocks;

        public void Execute(int worker, int workers)
        {
            while (Blocks.TryTake(workers, out int start, out int end))
            {
                for (int block = start; block < end; block++)
                {
                    long offset = (long)block * BlockLength;
                    Sums[block] = Sum(Values + offset, (int)Math.Min(BlockLength, Count - offset));
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static double Sum(float* values, int count)
        {
            Vector128<double> a = Vector128<double>.Zero, b = a, c = a, d = a;
            int i = 0;
            for (; i + 8 <= count; i += 8)
            {
                (Vector128<double> p, Vector128<double> q) = Vector128.Widen(Vector128.Load(values + i));
                (Vector128<double> r, Vector128<double> s) = Vector128.Widen(Vector128.Load(values + i + 4));
                a += p * p;
                b += q * q;
                c += r * r;
                d += s * s;
            }

            Vector128<double> sums = (a + b) + (c + d);
            double sum = sums.GetElement(0) + sums.GetElement(1);
            for (; i < count; i++)
            {
                sum += (double)values[i] * values[i];
            }

            return sum;
        }
    }
}
