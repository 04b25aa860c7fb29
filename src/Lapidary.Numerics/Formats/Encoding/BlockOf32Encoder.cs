using System.Runtime.CompilerServices;
using Lapidary.Numerics.Simd;

namespace Lapidary.Numerics.Formats.Encoding;

/// <summary>
/// Encoding of the formats with blocks of 32 and unsigned quants, as ggml does it. Without an importance: with an offset o, the scale d puts
/// the element of largest magnitude, the first of several, on q = 0, and q = min(largest, floor(x / d + o + 0.5)); with a minimum m, the
/// block spans from m to m + d * largest, and q = min(largest, floor((x - m) / d + 0.5)). With an importance: <see cref="ScaleSearch"/>
/// or <see cref="RangeSearch"/>, where the variance of the weights is the mean square of the row. d and m are float32 for all of this and
/// rounded to binary16 at the end.
/// </summary>
/// <remarks>Where a block is so small that 1 / d is no float, all quants are 0, like the stored scale.</remarks>
internal static unsafe class BlockOf32Encoder<TBlock>
    where TBlock : unmanaged, IEncodedBlockOf32
{
    private const int Length = 32;

    /// <summary>Encodes a row with vectors; lengths were checked.</summary>
    public static void Encode(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, Span<byte> blocks)
    {
        fixed (float* x = values, w = importance)
        fixed (byte* destination = blocks)
        {
            if (importance.IsEmpty)
            {
                var kernel = new PlainKernel { Values = x, Blocks = destination, Count = values.Length };
                VectorDispatch.RunBytes(ref kernel);
            }
            else
            {
                var kernel = new SearchKernel
                {
                    Values = x,
                    Importance = w,
                    Blocks = destination,
                    Count = values.Length,
                    Variance = SearchWeights.SumOfSquares(values) / values.Length,
                };
                VectorDispatch.RunBytes(ref kernel);
            }
        }
    }

    /// <summary><see cref="Encode"/> in plain scalar code.</summary>
    public static void EncodeReference(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, Span<byte> blocks)
    {
        float variance = SearchWeights.SumOfSquares(values) / values.Length;
        byte* quants = stackalloc byte[Length];
        Span<byte> found = new(quants, Length);
        Span<float> weights = stackalloc float[Length];
        fixed (byte* start = blocks)
        {
            for (int i = 0; i < values.Length; i += Length)
            {
                ReadOnlySpan<float> x = values.Slice(i, Length);
                float scale, minimum = 0;
                if (importance.IsEmpty)
                {
                    (scale, minimum) = EncodePlain(x, found);
                }
                else
                {
                    SearchWeights.Fill(WeightRule.ScaledImportance, x, importance.Slice(i, Length), variance, weights);
                    scale = TBlock.HasMinimum
                        ? RangeSearch.Find(x, weights, TBlock.Largest, RangeSteps.WithImportance, found, out minimum)
                        : ScaleSearch.Find(x, weights, TBlock.Offset, found);
                }

                Store(start + (i / Length * sizeof(TBlock)), scale, minimum, quants);
            }
        }
    }

    /// <summary>What x is multiplied with and what is then added before it is cut to an integer; and d.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (float Inverse, float Shift, float Scale) Rounding(float extreme)
    {
        float scale = extreme / -TBlock.Offset;
        float inverse = scale == 0 ? 0 : 1 / scale;
        return float.IsFinite(inverse) ? (inverse, TBlock.Offset + 0.5f, scale) : (0, 0, scale);
    }

    /// <summary>The quants of a format with an offset.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Quant<V, TIsa>(V x, V inverse, V shift)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
        => TIsa.Min(TIsa.Floor(TIsa.Add(TIsa.Multiply(x, inverse), shift)), TIsa.Create(TBlock.Largest));

    /// <summary>The element of a block of largest magnitude, the first of several, which matters where their signs differ.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Extreme<V, TIsa>(float* block)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        (float smallest, float largest) = Range<V, TIsa>(block);
        return largest > -smallest ? largest
            : largest < -smallest ? smallest
            : ScaleSearch.Extreme(new ReadOnlySpan<float>(block, Length));
    }

    private static (float Scale, float Minimum) EncodePlain(ReadOnlySpan<float> x, Span<byte> quants)
    {
        if (TBlock.HasMinimum)
        {
            (float minimum, float maximum) = Range(x);
            (float scale, float inverse) = ScaleOf(minimum, maximum);
            for (int i = 0; i < Length; i++)
            {
                quants[i] = (byte)Math.Min(TBlock.Largest, (int)(((x[i] - minimum) * inverse) + 0.5f));
            }

            return (scale, minimum);
        }
        else
        {
            (float inverse, float shift, float scale) = Rounding(ScaleSearch.Extreme(x));
            for (int i = 0; i < Length; i++)
            {
                quants[i] = (byte)Math.Min(TBlock.Largest, (int)((x[i] * inverse) + shift));
            }

            return (scale, 0);
        }
    }

    private static (float Scale, float Inverse) ScaleOf(float minimum, float maximum)
    {
        float scale = (maximum - minimum) / TBlock.Largest;
        float inverse = scale == 0 ? 0 : 1 / scale;
        return (scale, float.IsFinite(inverse) ? inverse : 0);
    }

    // The first of several: the sign of a minimum of zero is stored.
    private static (float Minimum, float Maximum) Range(ReadOnlySpan<float> values)
    {
        float minimum = float.MaxValue, maximum = float.MinValue;
        foreach (float x in values)
        {
            minimum = x < minimum ? x : minimum;
            maximum = x > maximum ? x : maximum;
        }

        return (minimum, maximum);
    }

    // Which of two zeros it gives is not said.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (float Minimum, float Maximum) Range<V, TIsa>(float* block)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        V largest = TIsa.Load(block), smallest = largest;
        for (int i = TIsa.Width; i < Length; i += TIsa.Width)
        {
            V x = TIsa.Load(block + i);
            largest = TIsa.Max(largest, x);
            smallest = TIsa.Min(smallest, x);
        }

        return (-TIsa.MaxElement(TIsa.Subtract(TIsa.Zero, smallest)), TIsa.MaxElement(largest));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(byte* block, float scale, float minimum, byte* quants)
    {
        *(ushort*)block = HalfRounding.Of(scale);
        if (TBlock.HasMinimum)
        {
            *(ushort*)(block + sizeof(ushort)) = HalfRounding.Of(minimum);
        }

        TBlock.Pack(block, quants);
    }

    private struct PlainKernel : IByteKernel
    {
        public float* Values;
        public byte* Blocks;
        public int Count;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<V, B, TIsa>()
            where V : struct
            where B : struct
            where TIsa : struct, IByteIsa<V, B>
        {
            byte* quants = stackalloc byte[Length];
            byte* block = Blocks;
            for (float* x = Values; x < Values + Count; x += Length, block += sizeof(TBlock))
            {
                if (TBlock.HasMinimum)
                {
                    (float minimum, float maximum) = Range<V, TIsa>(x);
                    if (minimum == 0)
                    {
                        (minimum, maximum) = Range(new ReadOnlySpan<float>(x, Length));
                    }

                    (float scale, float inverse) = ScaleOf(minimum, maximum);
                    V inverses = TIsa.Create(inverse), half = TIsa.Create(0.5f), largest = TIsa.Create(TBlock.Largest);
                    for (int i = 0; i < Length; i += TIsa.Width)
                    {
                        V above = TIsa.Subtract(TIsa.Load(x + i), TIsa.Create(minimum));
                        V quant = TIsa.Floor(TIsa.Add(TIsa.Multiply(above, inverses), half));
                        TIsa.StoreSByte((sbyte*)quants + i, TIsa.Min(quant, largest));
                    }

                    Store(block, scale, minimum, quants);
                }
                else
                {
                    (float inverse, float shift, float scale) = Rounding(Extreme<V, TIsa>(x));
                    V inverses = TIsa.Create(inverse), shifts = TIsa.Create(shift);
                    for (int i = 0; i < Length; i += TIsa.Width)
                    {
                        TIsa.StoreSByte((sbyte*)quants + i, Quant<V, TIsa>(TIsa.Load(x + i), inverses, shifts));
                    }

                    Store(block, scale, 0, quants);
                }
            }
        }
    }

    private struct SearchKernel : IByteKernel
    {
        public float* Values;
        public float* Importance;
        public byte* Blocks;
        public int Count;
        public float Variance;

        [SkipLocalsInit]
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<V, B, TIsa>()
            where V : struct
            where B : struct
            where TIsa : struct, IByteIsa<V, B>
        {
            GroupLanes lanes;
            byte* quants = stackalloc byte[Length];
            byte* block = Blocks;
            new Span<float>(lanes.Variances, GroupLanes.ChunkLength / Length).Fill(Variance);
            for (int start = 0; start < Count; start += GroupLanes.ChunkLength)
            {
                int length = Math.Min(GroupLanes.ChunkLength, Count - start);
                int batches = lanes.Load<V, TIsa>(Values + start, Importance + start, length, Length);
                for (int batch = 0; batch < batches; batch++)
                {
                    SearchWeights.Fill<V, TIsa>(WeightRule.ScaledImportance, &lanes, batch, Length);
                    if (TBlock.HasMinimum)
                    {
                        RangeSearch.Find<V, TIsa>(&lanes, batch, Length, TBlock.Largest, RangeSteps.WithImportance);
                    }
                    else
                    {
                        ScaleSearch.Find<V, TIsa>(&lanes, batch, Length, TBlock.Offset);
                    }
                }

                for (int group = 0; group < length / Length; group++, block += sizeof(TBlock))
                {
                    float* x = Values + start + (group * Length);
                    if (TBlock.HasMinimum)
                    {
                        RangeSearch.Quantize<V, B, TIsa>(x, Length, lanes.Inverses[group], lanes.Bases[group], TBlock.Largest, quants);
                        Store(block, lanes.Scales[group], lanes.Minimums[group], quants);
                    }
                    else
                    {
                        ScaleSearch.Quantize<V, B, TIsa>(x, Length, lanes.Inverses[group], TBlock.Offset, quants);
                        Store(block, lanes.Scales[group], 0, quants);
                    }
                }
            }
        }
    }
}
