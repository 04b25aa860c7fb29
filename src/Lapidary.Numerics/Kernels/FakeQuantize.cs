using System.Runtime.CompilerServices;
using Lapidary.Numerics.Formats;
using Lapidary.Numerics.Simd;
using Lapidary.Numerics.Threading;

namespace Lapidary.Numerics.Kernels;

/// <summary>
/// Rounds weights to what a quantized format can hold and leaves them float32, for training that knows of the quantization (Jacob et al.
/// 2018). Rounding has no useful derivative: the straight-through estimator takes the gradient with respect to the rounded weight for
/// that of the weight itself, so there is no backward kernel.
/// </summary>
public static unsafe class FakeQuantize
{
    private const float Int4Limit = 7;

    // The smallest scale that values are divided by; it matters for weights beyond seven million only.
    private const float SmallestScale = 1e-6f;

    /// <summary>
    /// Q4_0, blocks of 32 along a row: exactly the numbers that <see cref="Q4_0Format.Encode"/> and
    /// <see cref="Q4_0Format.Decode"/> give, so that a file written from either holds the same blocks.
    /// </summary>
    /// <param name="pool">Workers that share the blocks.</param>
    /// <param name="source">[rows, width] finite numbers.</param>
    /// <param name="destination">[rows, width]; may be <paramref name="source"/>.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="width">Length of a row, a multiple of 32.</param>
    /// <exception cref="ArgumentException">A row is not a whole number of blocks.</exception>
    public static void Q4_0(WorkerPool pool, float* source, float* destination, long rows, long width)
    {
        if (width % Q4_0Format.BlockLength != 0)
        {
            throw new ArgumentException($"A row of {width} elements is not a whole number of Q4_0 blocks of {Q4_0Format.BlockLength}.");
        }

        long blocks = rows * (width / Q4_0Format.BlockLength);
        var job = new BlockJob
        {
            Source = source,
            Destination = destination,
            Blocks = blocks,
            Units = new SharedRows(checked((int)((blocks + BlockJob.UnitBlocks - 1) / BlockJob.UnitBlocks))),
        };
        SharedWork.Run(pool, ref job, 2 * rows * width);
    }

    /// <summary>
    /// Symmetric 4-bit integers with one scale a row, as google-deepmind's <c>gemma</c> quantizes per channel:
    /// s = 7 / max |x|, q = clamp(round(x * s), -8, 7), halves to even, and the value is q / max(s, 1e-6). A row of zeros stays zero.
    /// </summary>
    /// <param name="pool">Workers that share the rows.</param>
    /// <param name="source">[rows, width] finite numbers.</param>
    /// <param name="destination">[rows, width]; may be <paramref name="source"/>.</param>
    /// <param name="rows">Number of rows: output channels.</param>
    /// <param name="width">Length of a row.</param>
    public static void Int4PerChannel(WorkerPool pool, float* source, float* destination, long rows, long width)
    {
        var job = new RowJob
        {
            Source = source, Destination = destination, Width = width, Rows = new SharedRows(checked((int)rows)),
        };
        SharedWork.Run(pool, ref job, 2 * rows * width);
    }

    /// <summary><see cref="Q4_0"/> in plain scalar code.</summary>
    public static void Q4_0Reference(ReadOnlySpan<float> source, Span<float> destination)
    {
        var blocks = new byte[source.Length / Q4_0Format.BlockLength * Q4_0Format.BlockBytes];
        Q4_0Format.EncodeReference(source, [], blocks);
        Q4_0Format.DecodeReference(blocks, destination);
    }

    /// <summary><see cref="Int4PerChannel"/> in plain scalar code, for one row.</summary>
    public static void Int4PerChannelReference(ReadOnlySpan<float> source, Span<float> destination)
    {
        float largest = 0;
        foreach (float x in source)
        {
            largest = MathF.Max(largest, MathF.Abs(x));
        }

        float scale = ScaleOf(largest);
        for (int i = 0; i < source.Length; i++)
        {
            float quant = Math.Clamp(MathF.Round(source[i] * scale), -Int4Limit - 1, Int4Limit);
            destination[i] = quant / MathF.Max(scale, SmallestScale);
        }
    }

    // Zero where the row is zero, or too small for a scale: then all quants are zero.
    private static float ScaleOf(float largest)
    {
        float scale = Int4Limit * (1 / largest);
        return float.IsFinite(scale) ? scale : 0;
    }

    private struct BlockJob : IParallelJob, IParallelVectorKernel
    {
        // Blocks that are taken at a time.
        public const int UnitBlocks = 32;

        public float* Source;
        public float* Destination;
        public long Blocks;
        public SharedRows Units;

        public void Execute(int worker, int workers) => VectorDispatch.Run(ref this, worker, workers);

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<V, TIsa>(int worker, int workers)
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            while (Units.TryTake(workers, out int start, out int end))
            {
                long last = Math.Min(Blocks, (long)end * UnitBlocks);
                for (long block = (long)start * UnitBlocks; block < last; block++)
                {
                    long offset = block * Q4_0Format.BlockLength;
                    Q4_0Format.RoundBlock<V, TIsa>(Source + offset, Destination + offset);
                }
            }
        }
    }

    private struct RowJob : IParallelJob, IParallelVectorKernel
    {
        public float* Source;
        public float* Destination;
        public long Width;
        public SharedRows Rows;

        public void Execute(int worker, int workers) => VectorDispatch.Run(ref this, worker, workers);

        public void Run<V, TIsa>(int worker, int workers)
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            while (Rows.TryTake(workers, out int start, out int end))
            {
                for (int row = start; row < end; row++)
                {
                    RoundRow<V, TIsa>(Source + (row * Width), Destination + (row * Width));
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void RoundRow<V, TIsa>(float* x, float* y)
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            V extreme = TIsa.Zero;
            long i = 0;
            for (; i + TIsa.Width <= Width; i += TIsa.Width)
            {
                V v = TIsa.Load(x + i);
                extreme = TIsa.Max(extreme, TIsa.Max(v, TIsa.Subtract(TIsa.Zero, v)));
            }

            float largest = TIsa.MaxElement(extreme);
            for (; i < Width; i++)
            {
                largest = MathF.Max(largest, MathF.Abs(x[i]));
            }

            float scale = ScaleOf(largest), divisor = MathF.Max(scale, SmallestScale);
            V lowest = TIsa.Create(-Int4Limit - 1), highest = TIsa.Create(Int4Limit);
            for (i = 0; i + TIsa.Width <= Width; i += TIsa.Width)
            {
                V quant = TIsa.Round(TIsa.Multiply(TIsa.Load(x + i), TIsa.Create(scale)));
                TIsa.Store(y + i, TIsa.Divide(TIsa.Min(TIsa.Max(quant, lowest), highest), TIsa.Create(divisor)));
            }

            for (; i < Width; i++)
            {
                y[i] = Math.Clamp(MathF.Round(x[i] * scale), -Int4Limit - 1, Int4Limit) / divisor;
            }
        }
    }
}
