using System.Runtime.CompilerServices;
using Lapidary.Numerics.Memory;
using Lapidary.Numerics.Simd;
using Lapidary.Numerics.Threading;

namespace Lapidary.Numerics.Kernels;

/// <summary>
/// Finds the columns of a gradient of logits that may be left out, and moves the others together. See <see cref="OutputLoss"/> for
/// what the result is off by.
/// </summary>
internal sealed unsafe class GradientFilter : IDisposable
{
    private float[] thresholds = [];
    private NativeMemoryBlock? excess;
    private NativeMemoryBlock? kept;

    /// <summary>
    /// Compacts the columns of <paramref name="gradient"/> that must be kept, in place and in their order.
    /// </summary>
    /// <param name="pool">Workers that share the work.</param>
    /// <param name="gradient">[<paramref name="rows"/>, <paramref name="vocabulary"/>].</param>
    /// <param name="firstRow">Which row of the batch the first one is.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="vocabulary">Columns, which stay the stride of the rows.</param>
    /// <param name="loss">Tells the factor of each row.</param>
    /// <param name="mass">Probability mass that each row may lose.</param>
    /// <param name="columns">The columns that were kept, valid until the next call; null when all were.</param>
    /// <returns>How many columns were kept.</returns>
    public int Apply(
        WorkerPool pool, float* gradient, int firstRow, int rows, int vocabulary, ILogitLoss loss, double mass, out int* columns)
    {
        columns = null;
        if (thresholds.Length < rows)
        {
            thresholds = new float[rows];
        }

        pool.EnsureScratch(ThresholdJob.ScratchBytes);
        var threshold = new ThresholdJob
        {
            Gradient = gradient, FirstRow = firstRow, Rows = new SharedRows(rows), Vocabulary = vocabulary, Pool = pool, Loss = loss,
            Mass = mass, Thresholds = thresholds,
        };
        SharedWork.Run(pool, ref threshold, (long)rows * vocabulary);
        if (Array.IndexOf(thresholds, 0f, 0, rows) >= 0)
        {
            return vocabulary;
        }

        Grow(vocabulary);
        var largest = new ExcessJob(gradient, rows, vocabulary, thresholds, (float*)excess!.Pointer);
        SharedWork.Run(pool, ref largest, (long)rows * vocabulary);
        int count = 0;
        var indices = (int*)kept!.Pointer;
        for (int column = 0; column < vocabulary; column++)
        {
            indices[count] = column;
            count += ((float*)excess.Pointer)[column] >= 0 ? 1 : 0;
        }

        if (count == vocabulary)
        {
            return vocabulary;
        }

        var compaction = new CompactionJob
        {
            Gradient = gradient, Rows = new SharedRows(rows), Vocabulary = vocabulary, Columns = indices, Count = count,
        };
        SharedWork.Run(pool, ref compaction, (long)rows * count);
        columns = indices;
        return count;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        excess?.Dispose();
        kept?.Dispose();
    }

    private void Grow(int vocabulary)
    {
        if (excess is null || excess.ByteLength < (long)vocabulary * sizeof(float))
        {
            Dispose();
            excess = new NativeMemoryBlock((long)vocabulary * sizeof(float));
            kept = new NativeMemoryBlock((long)vocabulary * sizeof(int));
        }
    }

    /// <summary>
    /// Finds, for each row, the magnitude below which entries may be left out, from a histogram of the upper bits of their magnitudes:
    /// exponent and three bits of the mantissa. An entry counts as much as the upper end of its bin, so that the sum is never
    /// too low. Whole numbers are counted, so that no order of the entries changes the result. 0 where nothing may be left out.
    /// </summary>
    private struct ThresholdJob : IParallelJob
    {
        private const int Shift = 20;
        private const int Bins = 1 << (31 - Shift);
        private const int FirstNonFinite = 0x7f800000 >> Shift;

        public float* Gradient;
        public int FirstRow;
        public SharedRows Rows;
        public int Vocabulary;
        public WorkerPool Pool;
        public ILogitLoss Loss;
        public double Mass;
        public float[] Thresholds;

        /// <summary>Scratch memory of one worker: two histograms, so that equal neighbours do not wait for each other.</summary>
        public static long ScratchBytes => 2 * Bins * sizeof(int);

        public void Execute(int worker, int workers)
        {
            var bins = (int*)Pool.Scratch(worker);
            while (Rows.TryTake(workers, out int start, out int end))
            {
                for (int row = start; row < end; row++)
                {
                    Count((uint*)(Gradient + ((nint)row * Vocabulary)), Vocabulary, bins);
                    Thresholds[row] = Threshold(bins, Mass * Math.Abs(Loss.Factor(FirstRow + row)));
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Count(uint* bits, int count, int* bins)
        {
            new Span<int>(bins, 2 * Bins).Clear();
            int i = 0;
            for (; i + 1 < count; i += 2)
            {
                bins[(bits[i] & int.MaxValue) >> Shift]++;
                bins[Bins + ((bits[i + 1] & int.MaxValue) >> Shift)]++;
            }

            if (i < count)
            {
                bins[(bits[i] & int.MaxValue) >> Shift]++;
            }

            for (i = 0; i < Bins; i++)
            {
                bins[i] += bins[Bins + i];
            }
        }

        private static float Threshold(int* bins, double allowed)
        {
            int last = Bins - 1;
            while (bins[last] == 0)
            {
                last--;
            }

            if (last >= FirstNonFinite)
            {
                return 0;
            }

            // The bin of the largest entry is kept; but the first one holds nothing but zeros and numbers below 2^-129.
            int end = Math.Max(last, 1);
            double sum = 0;
            int bin = 0;
            while (bin < end && (sum += bins[bin] * (double)LowerEnd(bin + 1)) <= allowed)
            {
                bin++;
            }

            return LowerEnd(bin);
        }

        private static float LowerEnd(int bin) => BitConverter.Int32BitsToSingle(bin << Shift);
    }

    /// <summary>How far the largest entry of each column is above the threshold of its row: not below 0 where the column is kept.</summary>
    private struct ExcessJob(float* gradient, int rows, int vocabulary, float[] thresholds, float* excess)
        : IParallelJob, IParallelVectorKernel
    {
        // A stretch of columns whose maxima stay in the first-level cache while the rows pass: a multiple of every vector.
        private const int Stretch = 1024;

        private SharedRows stretches = new((vocabulary + Stretch - 1) / Stretch);

        public void Execute(int worker, int workers) => VectorDispatch.Run(ref this, worker, workers);

        public void Run<V, TIsa>(int worker, int workers)
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            while (stretches.TryTake(workers, out int start, out int end))
            {
                for (int stretch = start; stretch < end; stretch++)
                {
                    Reduce<V, TIsa>(stretch * Stretch, Math.Min(vocabulary, (stretch + 1) * Stretch));
                }
            }
        }

        // A difference of two floats has the right sign, however small it is: an entry at the threshold gives exactly 0.
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Reduce<V, TIsa>(int start, int end)
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            new Span<float>(excess + start, end - start).Fill(float.NegativeInfinity);
            for (int row = 0; row < rows; row++)
            {
                float* g = gradient + ((nint)row * vocabulary);
                V threshold = TIsa.Create(thresholds[row]);
                int i = start;
                for (; i + TIsa.Width <= end; i += TIsa.Width)
                {
                    V value = TIsa.Load(g + i);
                    V magnitude = TIsa.Max(value, TIsa.Subtract(TIsa.Zero, value));
                    TIsa.Store(excess + i, TIsa.Max(TIsa.Load(excess + i), TIsa.Subtract(magnitude, threshold)));
                }

                for (; i < end; i++)
                {
                    excess[i] = MathF.Max(excess[i], MathF.Abs(g[i]) - thresholds[row]);
                }
            }
        }
    }

    private struct CompactionJob : IParallelJob
    {
        public float* Gradient;
        public SharedRows Rows;
        public int Vocabulary;
        public int* Columns;
        public int Count;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Execute(int worker, int workers)
        {
            while (Rows.TryTake(workers, out int start, out int end))
            {
                for (int row = start; row < end; row++)
                {
                    float* g = Gradient + ((nint)row * Vocabulary);
                    for (int i = 0; i < Count; i++)
                    {
                        g[i] = g[Columns[i]];
                    }
                }
            }
        }
    }
}
