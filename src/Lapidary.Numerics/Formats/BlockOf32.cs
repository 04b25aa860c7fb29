using System.Runtime.CompilerServices;
using Lapidary.Numerics.Simd;

namespace Lapidary.Numerics.Formats;

/// <summary>
/// How a format with blocks of 32 stores its numbers: a half scale d at the start of the block, after it a half minimum m where there
/// is one, and 32 quants q somewhere behind; a number is d * (q - offset), or d * q + m.
/// </summary>
internal unsafe interface IBlockOf32
{
    /// <summary>Whether the block has a minimum.</summary>
    static abstract bool HasMinimum { get; }

    /// <summary>Whether the quants are signed bytes; otherwise they lie between 0 and 127.</summary>
    static abstract bool IsSigned { get; }

    /// <summary>What is to be taken from the quants.</summary>
    static abstract byte Offset { get; }

    /// <summary>The 32 quants as bytes.</summary>
    static abstract B Quants<V, B, TIsa>(byte* block)
        where V : struct
        where B : struct
        where TIsa : struct, IByteIsa<V, B>;

    /// <summary>As <see cref="Quants"/>, one by one, as the published layout is written.</summary>
    static abstract int QuantReference(byte* block, int index);
}

/// <summary>Decoding and products of the formats with blocks of 32: the loops are written once, the unpacking differs.</summary>
internal static unsafe class BlockOf32<TBlock>
    where TBlock : unmanaged, IBlockOf32
{
    private const int Length = 32;

    // Asking for lines well ahead of the hardware's own prefetcher is worth a quarter of the speed of a streaming product.
    private const int PrefetchBytes = 1024;

    public static void Decode(byte* source, float* destination, int count)
    {
        var kernel = new DecodeKernel { Source = source, Destination = destination, Count = count, Halves = HalfTable.Pointer };
        VectorDispatch.RunBytes(ref kernel);
    }

    public static void DecodeReference(ReadOnlySpan<byte> source, Span<float> destination)
    {
        fixed (byte* start = source)
        {
            for (int i = 0; i < destination.Length; i++)
            {
                byte* block = start + (i / Length * sizeof(TBlock));
                float scaled = (TBlock.QuantReference(block, i % Length) - TBlock.Offset) * HalfAt(block);
                destination[i] = TBlock.HasMinimum ? scaled + HalfAt(block + 2) : scaled;
            }
        }
    }

    public static void MultiplyRows(byte* rows, nint rowBytes, int rowCount, in Activations x, float* y)
    {
        var kernel = new ProductKernel
        {
            Rows = rows, RowBytes = rowBytes, RowCount = rowCount, Blocks = x.Length / Length, X = x, Y = y, Halves = HalfTable.Pointer,
        };
        VectorDispatch.RunBytes(ref kernel);
    }

    public static double MultiplyReference(ReadOnlySpan<byte> row, in Activations x)
    {
        double total = 0;
        fixed (byte* start = row)
        {
            for (int b = 0; b < x.Length / Length; b++)
            {
                byte* block = start + (b * sizeof(TBlock));
                int dot = 0, sum = 0;
                for (int i = 0; i < Length; i++)
                {
                    int quant = x.Quants[(b * Length) + i];
                    dot += (TBlock.QuantReference(block, i) - TBlock.Offset) * quant;
                    sum += quant;
                }

                double minimum = TBlock.HasMinimum ? (double)HalfAt(block + 2) * sum : 0;
                total += (((double)HalfAt(block) * dot) + minimum) * x.Scales[b];
            }
        }

        return total;
    }

    private static float HalfAt(byte* address) => (float)BitConverter.UInt16BitsToHalf(*(ushort*)address);

    private struct DecodeKernel : IByteKernel
    {
        public byte* Source;
        public float* Destination;
        public int Count;
        public float* Halves;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<V, B, TIsa>()
            where V : struct
            where B : struct
            where TIsa : struct, IByteIsa<V, B>
        {
            // The quants go through memory: widening loads are cheaper than shuffles out of the upper half of a register.
            sbyte* quants = stackalloc sbyte[Length];
            byte* block = Source;
            float* halves = Halves;
            float* end = Destination + Count;
            for (float* target = Destination; target < end; target += Length, block += sizeof(TBlock))
            {
                B bytes = TBlock.Quants<V, B, TIsa>(block);
                TIsa.StoreBytes(
                    (byte*)quants, TBlock.Offset == 0 ? bytes : TIsa.SubtractBytes(bytes, TIsa.CreateBytes(TBlock.Offset)));
                V scale = TIsa.Create(halves[*(ushort*)block]);
                V minimum = TBlock.HasMinimum ? TIsa.Create(halves[*(ushort*)(block + 2)]) : TIsa.Zero;
                for (int i = 0; i < Length; i += TIsa.Width)
                {
                    V scaled = TIsa.Multiply(TIsa.LoadSByte(quants + i), scale);
                    TIsa.Store(target + i, TBlock.HasMinimum ? TIsa.Add(scaled, minimum) : scaled);
                }
            }
        }
    }

    private struct ProductKernel : IByteKernel
    {
        public byte* Rows;
        public nint RowBytes;
        public int RowCount;
        public int Blocks;
        public Activations X;
        public float* Y;
        public float* Halves;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<V, B, TIsa>()
            where V : struct
            where B : struct
            where TIsa : struct, IByteIsa<V, B>
        {
            float* halves = Halves;
            float* scales = X.Scales;
            float* sums = X.FloatSums;
            nint blocks = Blocks;
            for (int row = 0; row < RowCount; row++)
            {
                // One row at a time, so that the weights pass in the order in which they lie in memory (see DenseProduct).
                byte* w = Rows + (row * RowBytes);
                sbyte* x = X.Quants;
                V even = TIsa.Zero, odd = TIsa.Zero;
                float minimum = 0;
                nint b = 0;
                for (; b + 1 < blocks; b += 2, w += 2 * sizeof(TBlock), x += 2 * Length)
                {
                    TIsa.Prefetch(w + PrefetchBytes);
                    even = AddBlock<V, B, TIsa>(even, ref minimum, w, TIsa.LoadBytes((byte*)x), halves, scales[b], sums + b);
                    odd = AddBlock<V, B, TIsa>(
                        odd, ref minimum, w + sizeof(TBlock), TIsa.LoadBytes((byte*)x + Length), halves, scales[b + 1], sums + b + 1);
                }

                if (b < blocks)
                {
                    even = AddBlock<V, B, TIsa>(even, ref minimum, w, TIsa.LoadBytes((byte*)x), halves, scales[b], sums + b);
                }

                Y[row] = TIsa.Sum(TIsa.Add(even, odd)) + minimum;
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static V AddBlock<V, B, TIsa>(V sum, ref float minimum, byte* block, B x, float* halves, float xScale, float* xSum)
            where V : struct
            where B : struct
            where TIsa : struct, IByteIsa<V, B>
        {
            B quants = TBlock.Quants<V, B, TIsa>(block);
            V dot = TBlock.IsSigned ? TIsa.Dot(quants, x) : TIsa.DotUnsigned(quants, x);
            if (TBlock.Offset != 0)
            {
                // The offset times the sum of x, in equal shares of every element; all are small multiples of 1/2, so this is exact.
                dot = TIsa.MultiplyAdd(TIsa.Create(*xSum), TIsa.Create(-(float)TBlock.Offset / TIsa.Width), dot);
            }

            if (TBlock.HasMinimum)
            {
                minimum += halves[*(ushort*)(block + 2)] * xScale * *xSum;
            }

            return TIsa.MultiplyAdd(dot, TIsa.Create(halves[*(ushort*)block] * xScale), sum);
        }
    }
}
