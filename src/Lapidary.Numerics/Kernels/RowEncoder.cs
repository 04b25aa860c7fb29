using System.Runtime.CompilerServices;
using Lapidary.Numerics.Formats;
using Lapidary.Numerics.Simd;
using Lapidary.Numerics.Threading;

namespace Lapidary.Numerics.Kernels;

/// <summary>Encodes the rows of a matrix, shared by the workers of a pool; the bytes are the same for any number of them.</summary>
public static unsafe class RowEncoder
{
    /// <summary>
    /// Decodes each row of <paramref name="source"/> to float32 and encodes it as <see cref="WeightFormat.Encode"/> does.
    /// </summary>
    /// <param name="pool">Workers that share the rows.</param>
    /// <param name="source">[rows, width] in any format.</param>
    /// <param name="target">The format to encode into.</param>
    /// <param name="importance">[width], finite and not negative, the same for all rows; empty for none.</param>
    /// <param name="destination">Receives the rows one behind the other.</param>
    /// <exception cref="ArgumentException">
    /// A row is no whole number of the target's blocks, the importance is not of the length of a row, or holds a number that is negative or
    /// not finite, or the destination is not exactly as large as the rows.
    /// </exception>
    /// <exception cref="UnencodableValueException">
    /// A number is not finite, or too large for the format: the first in the first such row. What the destination holds then is not said.
    /// </exception>
    public static void Encode(
        WorkerPool pool, Tensor source, WeightFormat target, ReadOnlySpan<float> importance, Span<byte> destination)
    {
        fixed (byte* blocks = destination)
        {
            Encode(
                pool, WeightFormat.Of(source.Type), source.RowPointer(0), source.Rows, source.RowLength, target, importance, blocks,
                destination.Length);
        }
    }

    /// <summary>As <see cref="Encode(WorkerPool, Tensor, WeightFormat, ReadOnlySpan{float}, Span{byte})"/>, for rows in memory.</summary>
    /// <param name="pool">Workers that share the rows.</param>
    /// <param name="sourceFormat">Format of the rows.</param>
    /// <param name="source">The rows one behind the other.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="width">Elements of a row.</param>
    /// <param name="target">The format to encode into.</param>
    /// <param name="importance">[width], finite and not negative, the same for all rows; empty for none.</param>
    /// <param name="destination">Receives the rows one behind the other.</param>
    /// <param name="destinationBytes">Bytes that the destination has room for.</param>
    /// <exception cref="ArgumentException">As above.</exception>
    /// <exception cref="UnencodableValueException">As above.</exception>
    public static void Encode(
        WorkerPool pool,
        WeightFormat sourceFormat,
        byte* source,
        long rows,
        long width,
        WeightFormat target,
        ReadOnlySpan<float> importance,
        byte* destination,
        long destinationBytes)
    {
        Check(sourceFormat, rows, width, target, importance, destinationBytes);
        if (rows == 0 || width == 0)
        {
            return;
        }

        pool.EnsureScratch(width * sizeof(float));
        fixed (float* weights = importance)
        {
            var job = new EncodeJob
            {
                Pool = pool,
                SourceFormat = sourceFormat,
                TargetFormat = target,
                Source = source,
                Destination = destination,
                Width = (int)width,
                Importance = weights,
                Rows = new SharedRows((int)rows),
                FirstBadRow = long.MaxValue,
            };
            pool.Run(ref job);
            if (job.FirstBadRow < long.MaxValue)
            {
                throw job.Fault(job.FirstBadRow);
            }
        }
    }

    private static void Check(
        WeightFormat source, long rows, long width, WeightFormat target, ReadOnlySpan<float> importance, long destinationBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows, int.MaxValue);
        ArgumentOutOfRangeException.ThrowIfNegative(width);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(width, int.MaxValue / sizeof(float));
        foreach (WeightFormat format in (ReadOnlySpan<WeightFormat>)[source, target])
        {
            if (width % format.BlockLength != 0)
            {
                throw new ArgumentException(
                    $"A row of {width} elements is not a whole number of {format.Type} blocks of {format.BlockLength}.");
            }
        }

        if (checked(rows * target.RowBytes(width)) != destinationBytes)
        {
            throw new ArgumentException(
                $"{rows} rows of {width} elements are {rows * target.RowBytes(width)} bytes in {target.Type}, room is for {destinationBytes}.");
        }

        if (!importance.IsEmpty && importance.Length != width)
        {
            throw new ArgumentException($"A row of {width} elements has an importance of {importance.Length}.");
        }

        for (int i = 0; i < importance.Length; i++)
        {
            if (!(importance[i] >= 0 && float.IsFinite(importance[i])))
            {
                throw new ArgumentException(
                    $"Importance {i}: expected a finite number that is not negative, found {importance[i]}.");
            }
        }
    }

    private struct EncodeJob : IParallelJob
    {
        // Every format holds what is not above the largest binary16; beyond it has to be looked.
        private const float SafeMagnitude = 65504;

        // The largest number of any block, the scale of Q6_K times its largest integers. Far beyond, the sums of a search overflow, and what
        // it finds is finite and wrong.
        private const float LargestOfBlocks = 65504f * 128 * 32;

        public WorkerPool Pool;
        public WeightFormat SourceFormat;
        public WeightFormat TargetFormat;
        public byte* Source;
        public byte* Destination;
        public int Width;
        public float* Importance;
        public SharedRows Rows;
        public long FirstBadRow;

        public void Execute(int worker, int workers)
        {
            float* values = (float*)Pool.Scratch(worker);
            while (Rows.TryTake(workers, out int start, out int end))
            {
                for (int row = start; row < end; row++)
                {
                    if (!TryEncode(row, values))
                    {
                        Note(row);
                    }
                }
            }
        }

        /// <summary>What is wrong with a row that was noted.</summary>
        public readonly UnencodableValueException Fault(long row)
        {
            var values = new float[Width];
            fixed (float* x = values)
            {
                Decode(row, x);
            }

            int column = Array.FindIndex(values, value => !float.IsFinite(value));
            if (column < 0)
            {
                float limit = Limit;
                column = Array.FindIndex(values, value => MathF.Abs(value) > limit);
            }

            if (column < 0)
            {
                // A block came out infinite, or as no number: its largest number is the one to blame.
                int broken = Array.FindIndex(DecodeTarget(row), value => !float.IsFinite(value));
                int start = broken - (broken % TargetFormat.BlockLength);
                column = start;
                for (int i = start; i < start + TargetFormat.BlockLength; i++)
                {
                    column = MathF.Abs(values[i]) > MathF.Abs(values[column]) ? i : column;
                }
            }

            return new UnencodableValueException(row, column, values[column], TargetFormat.Type);
        }

        private readonly float Limit => TargetFormat.BlockLength > 1 ? LargestOfBlocks : float.MaxValue;

        private readonly bool TryEncode(int row, float* values)
        {
            Decode(row, values);
            var largest = new MagnitudeKernel { Values = values, Count = Width };
            VectorDispatch.Run(ref largest);
            // NaN too is not below the limit.
            if (!(largest.Result <= Limit))
            {
                return false;
            }

            TargetFormat.Encode(
                new ReadOnlySpan<float>(values, Width),
                Importance is null ? [] : new ReadOnlySpan<float>(Importance, Width),
                Target(row));
            return largest.Result <= SafeMagnitude || Array.TrueForAll(DecodeTarget(row), float.IsFinite);
        }

        private readonly void Decode(long row, float* values) =>
            SourceFormat.Decode(Source + (row * SourceFormat.RowBytes(Width)), values, Width);

        private readonly Span<byte> Target(long row)
        {
            long rowBytes = TargetFormat.RowBytes(Width);
            return new Span<byte>(Destination + (row * rowBytes), checked((int)rowBytes));
        }

        private readonly float[] DecodeTarget(long row)
        {
            var decoded = new float[Width];
            TargetFormat.DecodeReference(Target(row), decoded);
            return decoded;
        }

        private void Note(long row)
        {
            long first = Volatile.Read(in FirstBadRow);
            while (row < first)
            {
                long seen = Interlocked.CompareExchange(ref FirstBadRow, row, first);
                if (seen == first)
                {
                    return;
                }

                first = seen;
            }
        }
    }

    /// <summary>The largest magnitude, or infinity or NaN where there is one of them.</summary>
    private struct MagnitudeKernel : IVectorKernel
    {
        public float* Values;
        public int Count;
        public float Result;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<V, TIsa>()
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            // x * 0 is NaN where x is not finite, and stays so in a sum; the maximum of vectors does not say what it does with NaN.
            V largest = TIsa.Zero, zeros = TIsa.Zero, magnitude = TIsa.CreateBits(0x7fffffff);
            int i = 0;
            for (; i + TIsa.Width <= Count; i += TIsa.Width)
            {
                V x = TIsa.Load(Values + i);
                largest = TIsa.Max(largest, TIsa.AndBits(x, magnitude));
                zeros = TIsa.Add(zeros, TIsa.Multiply(x, TIsa.Zero));
            }

            float result = TIsa.MaxElement(largest), zero = TIsa.Sum(zeros);
            for (; i < Count; i++)
            {
                result = MathF.Max(result, MathF.Abs(Values[i]));
                zero += Values[i] * 0;
            }

            Result = result + zero;
        }
    }
}
