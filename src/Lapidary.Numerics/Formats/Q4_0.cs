using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Lapidary.Numerics.Simd;

namespace Lapidary.Numerics.Formats;

/// <summary>
/// Q4_0: blocks of 32 with a half scale d; a number is d * (q - 8). Byte i holds the 4-bit q of element i in its lower and that of
/// element i + 16 in its upper half.
/// </summary>
public readonly unsafe struct Q4_0Format : IWeightFormat
{
    /// <inheritdoc/>
    public static ElementType Type => ElementType.Q4_0;

    /// <inheritdoc/>
    public static int BlockLength => 32;

    /// <inheritdoc/>
    public static int BlockBytes => sizeof(Block);

    /// <inheritdoc/>
    public static ActivationLayout Activations => ActivationLayout.Byte32;

    /// <inheritdoc/>
    public static void Decode(byte* source, float* destination, int count) => BlockOf32<Block>.Decode(source, destination, count);

    /// <inheritdoc/>
    public static void DecodeReference(ReadOnlySpan<byte> source, Span<float> destination) =>
        BlockOf32<Block>.DecodeReference(source, destination);

    /// <summary>
    /// Encodes numbers as llama.cpp does (<c>quantize_row_q4_0_ref</c>): d is the element m of largest magnitude, the first of several,
    /// divided by -8, so that m itself is met by q = 0; q = min(15, floor(x / d + 8.5)) with d in float32, stored is d in binary16,
    /// rounded to the nearest, ties to even.
    /// </summary>
    /// <param name="source">[count] finite numbers.</param>
    /// <param name="destination">Receives count / 32 blocks.</param>
    /// <param name="count">A whole number of blocks.</param>
    /// <remarks>
    /// Where all elements are so small that 1 / d is not a float, the block becomes zero; what llama.cpp writes for the quants is
    /// undefined then, and its scale is zero too.
    /// </remarks>
    public static void Encode(float* source, byte* destination, int count)
    {
        var kernel = new EncodeKernel { Source = source, Destination = (Block*)destination, Count = count };
        VectorDispatch.RunBytes(ref kernel);
    }

    /// <summary><see cref="Encode"/> in plain scalar code.</summary>
    public static void EncodeReference(ReadOnlySpan<float> source, Span<byte> destination)
    {
        fixed (byte* start = destination)
        {
            for (int b = 0; b < source.Length / BlockLength; b++)
            {
                ReadOnlySpan<float> x = source.Slice(b * BlockLength, BlockLength);
                (float inverse, ((Block*)start)[b].Scale) = ScaleOf(Extreme(x));
                for (int i = 0; i < BlockLength / 2; i++)
                {
                    int lower = (int)Math.Min(15, (x[i] * inverse) + 8.5f);
                    int upper = (int)Math.Min(15, (x[i + (BlockLength / 2)] * inverse) + 8.5f);
                    ((Block*)start)[b].Nibbles[i] = (byte)(lower | (upper << 4));
                }
            }
        }
    }

    /// <inheritdoc/>
    public static void MultiplyRows(byte* rows, nint rowBytes, int rowCount, in Activations x, float* y) =>
        BlockOf32<Block>.MultiplyRows(rows, rowBytes, rowCount, in x, y);

    /// <inheritdoc/>
    public static double MultiplyReference(ReadOnlySpan<byte> row, in Activations x) =>
        BlockOf32<Block>.MultiplyReference(row, in x);

    /// <summary>Encodes one block and decodes it again, in the same operations.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void RoundBlock<V, TIsa>(float* source, float* destination)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        (float inverse, Half scale) = ScaleOf(Extreme<V, TIsa>(source));
        V inverses = TIsa.Create(inverse), scales = TIsa.Create((float)scale);
        for (int i = 0; i < BlockLength; i += TIsa.Width)
        {
            V centred = TIsa.Subtract(Quant<V, TIsa>(TIsa.Load(source + i), inverses), TIsa.Create(8f));
            TIsa.Store(destination + i, TIsa.Multiply(centred, scales));
        }
    }

    /// <summary>1 / d in float32 and d in binary16.</summary>
    private static (float Inverse, Half Scale) ScaleOf(float extreme)
    {
        float scale = extreme / -8;
        float inverse = 1 / scale;
        return (float.IsFinite(inverse) ? inverse : 0, (Half)scale);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Quant<V, TIsa>(V x, V inverse)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
        => TIsa.Min(TIsa.Floor(TIsa.Add(TIsa.Multiply(x, inverse), TIsa.Create(8.5f))), TIsa.Create(15f));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Extreme<V, TIsa>(float* block)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        V largest = TIsa.Load(block), smallest = largest;
        for (int i = TIsa.Width; i < BlockLength; i += TIsa.Width)
        {
            V x = TIsa.Load(block + i);
            largest = TIsa.Max(largest, x);
            smallest = TIsa.Min(smallest, x);
        }

        float positive = TIsa.MaxElement(largest), negative = TIsa.MaxElement(TIsa.Subtract(TIsa.Zero, smallest));
        return positive > negative ? positive : positive < negative ? -negative : Extreme(new ReadOnlySpan<float>(block, BlockLength));
    }

    // The element of largest magnitude; the first of several, which matters where their signs differ.
    private static float Extreme(ReadOnlySpan<float> block)
    {
        float largest = 0, extreme = 0;
        foreach (float x in block)
        {
            if (MathF.Abs(x) > largest)
            {
                largest = MathF.Abs(x);
                extreme = x;
            }
        }

        return extreme;
    }

    private struct EncodeKernel : IByteKernel
    {
        public float* Source;
        public Block* Destination;
        public int Count;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<V, B, TIsa>()
            where V : struct
            where B : struct
            where TIsa : struct, IByteIsa<V, B>
        {
            ulong* quants = stackalloc ulong[4];
            for (int b = 0; b < Count / BlockLength; b++)
            {
                float* x = Source + ((nint)b * BlockLength);
                Block* block = Destination + b;
                (float inverse, block->Scale) = ScaleOf(Extreme<V, TIsa>(x));
                V inverses = TIsa.Create(inverse);
                for (int i = 0; i < BlockLength; i += TIsa.Width)
                {
                    TIsa.StoreSByte((sbyte*)quants + i, Quant<V, TIsa>(TIsa.Load(x + i), inverses));
                }

                // Quants are below 16: shifting whole words moves none into its neighbour.
                Unsafe.WriteUnaligned(block->Nibbles, quants[0] | (quants[2] << 4));
                Unsafe.WriteUnaligned(block->Nibbles + 8, quants[1] | (quants[3] << 4));
            }
        }
    }

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct Block : IBlockOf32
    {
        public Half Scale;
        public fixed byte Nibbles[16];

        public static bool HasMinimum => false;

        public static bool IsSigned => false;

        public static byte Offset => 8;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static B Quants<V, B, TIsa>(byte* block)
            where V : struct
            where B : struct
            where TIsa : struct, IByteIsa<V, B>
            => TIsa.LoadNibbles(((Block*)block)->Nibbles);

        public static int QuantReference(byte* block, int index)
        {
            byte pair = ((Block*)block)->Nibbles[index % 16];
            return index < 16 ? pair & 15 : pair >> 4;
        }
    }
}
