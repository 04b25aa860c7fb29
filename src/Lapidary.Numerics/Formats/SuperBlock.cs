using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Lapidary.Numerics.Simd;

namespace Lapidary.Numerics.Formats;

/// <summary>
/// How a K format stores its numbers: super-blocks of 256 with a half scale d, a half minimum scale m where there is one, and for each
/// group of 16 elements an integer scale s and an integer minimum t. A number is (d * s) * q, or (d * s) * q - (m * t).
/// </summary>
internal unsafe interface ISuperBlock
{
    /// <summary>Where in the super-block d stands.</summary>
    static abstract int ScaleOffset { get; }

    /// <summary>Where m stands; negative if the format has no minimums.</summary>
    static abstract int MinimumOffset { get; }

    /// <summary>The quants are stored as q plus two to this power, not negative; no offset if it is zero.</summary>
    static abstract byte OffsetPower { get; }

    /// <summary>Elements 32 * <paramref name="part"/> to 32 * part + 31 as stored: bytes between 0 and 63.</summary>
    static abstract B Stored<V, B, TIsa>(byte* block, int part)
        where V : struct
        where B : struct
        where TIsa : struct, IByteIsa<V, B>;

    /// <summary>The 16 integer scales and minimums.</summary>
    static abstract void Scales(byte* block, out Vector128<sbyte> scales, out Vector128<sbyte> minimums);

    /// <summary>Element <paramref name="index"/> as stored, as the published layout is written.</summary>
    static abstract int StoredReference(byte* block, int index);

    /// <summary>The integer scale and minimum of group <paramref name="group"/>, as the published layout is written.</summary>
    static abstract (int Scale, int Minimum) ScalesReference(byte* block, int group);
}

/// <summary>Decoding and products of the K formats: the loops are written once, the unpacking of quants and scales differs.</summary>
internal static unsafe class SuperBlock<TBlock>
    where TBlock : unmanaged, ISuperBlock
{
    private const int Length = 256;
    private const int GroupLength = 16;
    private const int Groups = Length / GroupLength;
    private const int PartLength = 32;

    private const int PrefetchBytes = 1024;

    private static bool HasMinimum
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TBlock.MinimumOffset >= 0;
    }

    private static byte Offset
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TBlock.OffsetPower == 0 ? (byte)0 : (byte)(1 << TBlock.OffsetPower);
    }

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
                (int scale, int minimum) = TBlock.ScalesReference(block, i % Length / GroupLength);
                float scaled = HalfAt(block + TBlock.ScaleOffset) * scale * (TBlock.StoredReference(block, i % Length) - Offset);
                destination[i] = HasMinimum ? scaled - (HalfAt(block + TBlock.MinimumOffset) * minimum) : scaled;
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
                sbyte* quants = x.Quants + (b * Length);
                int dot = 0, below = 0;
                for (int i = 0; i < Length; i++)
                {
                    (int scale, int minimum) = TBlock.ScalesReference(block, i / GroupLength);
                    dot += scale * (TBlock.StoredReference(block, i) - Offset) * quants[i];
                    below += minimum * quants[i];
                }

                double minimums = HasMinimum ? (double)HalfAt(block + TBlock.MinimumOffset) * below : 0;
                total += (((double)HalfAt(block + TBlock.ScaleOffset) * dot) - minimums) * x.Scales[b];
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
            sbyte* integers = stackalloc sbyte[Groups];
            float* scales = stackalloc float[Groups];
            float* minimums = stackalloc float[Groups + (PartLength / sizeof(float))];
            byte* block = Source;
            float* end = Destination + Count;
            for (float* target = Destination; target < end; target += Length, block += sizeof(TBlock))
            {
                TBlock.Scales(block, out Vector128<sbyte> s, out Vector128<sbyte> t);
                Scale<V, B, TIsa>(s, Halves[*(ushort*)(block + TBlock.ScaleOffset)], integers, scales);
                if (HasMinimum)
                {
                    Scale<V, B, TIsa>(t, Halves[*(ushort*)(block + TBlock.MinimumOffset)], integers, minimums);
                }

                DecodePart<V, B, TIsa>(block, 0, scales, minimums, target);
                DecodePart<V, B, TIsa>(block, 1, scales, minimums, target);
                DecodePart<V, B, TIsa>(block, 2, scales, minimums, target);
                DecodePart<V, B, TIsa>(block, 3, scales, minimums, target);
                DecodePart<V, B, TIsa>(block, 4, scales, minimums, target);
                DecodePart<V, B, TIsa>(block, 5, scales, minimums, target);
                DecodePart<V, B, TIsa>(block, 6, scales, minimums, target);
                DecodePart<V, B, TIsa>(block, 7, scales, minimums, target);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Scale<V, B, TIsa>(Vector128<sbyte> integers, float factor, sbyte* memory, float* destination)
            where V : struct
            where B : struct
            where TIsa : struct, IByteIsa<V, B>
        {
            integers.Store(memory);
            for (int i = 0; i < Groups; i += TIsa.Width)
            {
                TIsa.Store(destination + i, TIsa.Multiply(TIsa.Create(factor), TIsa.LoadSByte(memory + i)));
            }
        }

        // A call of its own, with the part a constant of the caller, would be a jump over shift counts: it has to be inlined.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void DecodePart<V, B, TIsa>(byte* block, int part, float* scales, float* minimums, float* target)
            where V : struct
            where B : struct
            where TIsa : struct, IByteIsa<V, B>
        {
            // The bytes go through memory that is about to be overwritten with the numbers: widening loads are cheaper than shuffles.
            byte* quants = (byte*)(minimums + Groups);
            B stored = TBlock.Stored<V, B, TIsa>(block, part);
            TIsa.StoreBytes(quants, Offset == 0 ? stored : TIsa.SubtractBytes(stored, TIsa.CreateBytes(Offset)));
            for (int i = 0; i < PartLength; i += TIsa.Width)
            {
                int group = (2 * part) + (i / GroupLength);
                V scaled = TIsa.Multiply(TIsa.Create(scales[group]), TIsa.LoadSByte((sbyte*)quants + i));
                TIsa.Store(
                    target + (part * PartLength) + i,
                    HasMinimum ? TIsa.Subtract(scaled, TIsa.Create(minimums[group])) : scaled);
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
            for (int row = 0; row < RowCount; row++)
            {
                V sum = TIsa.Zero, below = TIsa.Zero;
                byte* w = Rows + (row * RowBytes);
                sbyte* x = X.Quants;
                short* xSums = X.Sums;
                for (int b = 0; b < Blocks; b++, w += sizeof(TBlock), x += Length, xSums += Groups)
                {
                    Prefetch<V, B, TIsa>(w + PrefetchBytes);
                    float scale = X.Scales[b];
                    TBlock.Scales(w, out Vector128<sbyte> s, out Vector128<sbyte> t);
                    V dot = TIsa.ToFloats(Dot<V, B, TIsa>(w, x, xSums, s));
                    sum = TIsa.MultiplyAdd(dot, TIsa.Create(halves[*(ushort*)(w + TBlock.ScaleOffset)] * scale), sum);
                    if (HasMinimum)
                    {
                        V minimums = TIsa.ToFloats(TIsa.DotSums(t, xSums));
                        below = TIsa.MultiplyAdd(minimums, TIsa.Create(halves[*(ushort*)(w + TBlock.MinimumOffset)] * scale), below);
                    }
                }

                Y[row] = TIsa.Sum(TIsa.Subtract(sum, below));
            }
        }

        // Every line of a block once, and now and then one twice.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Prefetch<V, B, TIsa>(byte* block)
            where V : struct
            where B : struct
            where TIsa : struct, IByteIsa<V, B>
        {
            TIsa.Prefetch(block);
            if (sizeof(TBlock) > 64)
            {
                TIsa.Prefetch(block + 64);
            }

            if (sizeof(TBlock) > 128)
            {
                TIsa.Prefetch(block + 128);
            }

            if (sizeof(TBlock) > 192)
            {
                TIsa.Prefetch(block + 192);
            }
        }

        // Eight sums of the 256 products, each multiplied by its group's scale. The largest, 8 * 4 * 63 * 127 * 128, fits into 32 bits.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static B Dot<V, B, TIsa>(byte* w, sbyte* x, short* xSums, Vector128<sbyte> scales)
            where V : struct
            where B : struct
            where TIsa : struct, IByteIsa<V, B>
        {
            // The offset of the quants is taken from the whole: 2^p times the sum of the scaled activations.
            B sums = TBlock.OffsetPower == 0
                ? TIsa.ZeroBytes
                : TIsa.SubtractInts(TIsa.ZeroBytes, TIsa.ShiftIntsLeft(TIsa.DotSums(scales, xSums), TBlock.OffsetPower));
            B s = TIsa.ArrangeScales(scales);
            sums = TIsa.AddScaledDot(sums, TBlock.Stored<V, B, TIsa>(w, 0), x, s, 0);
            sums = TIsa.AddScaledDot(sums, TBlock.Stored<V, B, TIsa>(w, 1), x + 32, s, 1);
            sums = TIsa.AddScaledDot(sums, TBlock.Stored<V, B, TIsa>(w, 2), x + 64, s, 2);
            sums = TIsa.AddScaledDot(sums, TBlock.Stored<V, B, TIsa>(w, 3), x + 96, s, 3);
            sums = TIsa.AddScaledDot(sums, TBlock.Stored<V, B, TIsa>(w, 4), x + 128, s, 4);
            sums = TIsa.AddScaledDot(sums, TBlock.Stored<V, B, TIsa>(w, 5), x + 160, s, 5);
            sums = TIsa.AddScaledDot(sums, TBlock.Stored<V, B, TIsa>(w, 6), x + 192, s, 6);
            return TIsa.AddScaledDot(sums, TBlock.Stored<V, B, TIsa>(w, 7), x + 224, s, 7);
        }
    }
}
