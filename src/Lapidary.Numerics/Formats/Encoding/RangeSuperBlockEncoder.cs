using System.Runtime.CompilerServices;
using Lapidary.Numerics.Simd;

namespace Lapidary.Numerics.Formats.Encoding;

/// <summary>
/// Encoding of the K formats with minimums, as ggml does it: <see cref="RangeSearch"/> finds a scale and a minimum for each group; these are
/// made integers, by the largest of the super-block, or with an importance by <see cref="PositiveScaleSearch"/>; then all elements are
/// rounded once more with the scales as stored. A group whose stored scale is zero keeps the quants of the search.
/// </summary>
internal static unsafe class RangeSuperBlockEncoder<TBlock>
    where TBlock : unmanaged, IRangeSuperBlock
{
    private const int Length = 256;
    private const int MaxGroups = Length / GroupLanes.ShortestGroup;

    private static int Groups => Length / TBlock.GroupLength;

    /// <summary>Encodes a row with vectors; lengths were checked.</summary>
    public static void Encode(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, Span<byte> blocks)
    {
        fixed (float* x = values, w = importance)
        fixed (byte* destination = blocks)
        {
            var kernel = new Kernel { Values = x, Importance = w, Blocks = destination, Count = values.Length };
            VectorDispatch.RunBytes(ref kernel);
        }
    }

    /// <summary><see cref="Encode"/> in plain scalar code.</summary>
    public static void EncodeReference(ReadOnlySpan<float> values, ReadOnlySpan<float> importance, Span<byte> blocks)
    {
        float* scales = stackalloc float[MaxGroups], minimums = stackalloc float[MaxGroups], sums = stackalloc float[MaxGroups];
        byte* quants = stackalloc byte[Length];
        Span<float> weights = stackalloc float[TBlock.GroupLength];
        bool isPlain = importance.IsEmpty;
        fixed (byte* start = blocks)
        {
            for (int b = 0; b < values.Length / Length; b++)
            {
                byte* block = start + (b * sizeof(TBlock));
                ReadOnlySpan<float> x = values.Slice(b * Length, Length);
                float variance = isPlain ? 0 : Variance(x);
                for (int group = 0; group < Groups; group++)
                {
                    ReadOnlySpan<float> part = x.Slice(group * TBlock.GroupLength, TBlock.GroupLength);
                    Span<byte> found = new(quants + (group * TBlock.GroupLength), TBlock.GroupLength);
                    sums[group] = SearchWeights.Fill(
                        isPlain ? TBlock.PlainWeights : WeightRule.ScaledImportance,
                        part,
                        isPlain ? [] : importance.Slice((b * Length) + (group * TBlock.GroupLength), TBlock.GroupLength),
                        variance,
                        weights);
                    RangeSteps steps = isPlain ? TBlock.PlainSteps : RangeSteps.WithImportance;
                    scales[group] = RangeSearch.Find(part, weights, TBlock.Largest, steps, found, out minimums[group]);
                }

                StoreScales(block, scales, minimums, isPlain ? null : sums);
                for (int group = 0; group < Groups; group++)
                {
                    (float scale, float minimum) = SuperBlockQuants<TBlock>.Stored(block, group);
                    if (scale != 0)
                    {
                        SuperBlockQuants<TBlock>.Round(
                            x.Slice(group * TBlock.GroupLength, TBlock.GroupLength),
                            scale,
                            minimum,
                            new Span<byte>(quants + (group * TBlock.GroupLength), TBlock.GroupLength));
                    }
                }

                TBlock.PackQuants(block, quants);
            }
        }
    }

    private static float Variance(ReadOnlySpan<float> values) => TBlock.VarianceFactor * SearchWeights.SumOfSquares(values) / Length;

    // Minimums come as they are found, not above zero, and are stored without their sign.
    private static void StoreScales(byte* block, float* scales, float* minimums, float* weightSums)
    {
        int* integerScales = stackalloc int[MaxGroups], integerMinimums = stackalloc int[MaxGroups];
        float* depths = stackalloc float[MaxGroups];
        for (int group = 0; group < Groups; group++)
        {
            depths[group] = -minimums[group];
        }

        *(ushort*)(block + TBlock.ScaleOffset) = HalfRounding.Of(ToIntegers(scales, weightSums, integerScales));
        *(ushort*)(block + TBlock.MinimumOffset) = HalfRounding.Of(ToIntegers(depths, weightSums, integerMinimums));
        TBlock.PackScales(block, integerScales, integerMinimums);
    }

    private static float ToIntegers(float* numbers, float* weightSums, int* integers)
    {
        if (weightSums is not null)
        {
            Span<byte> quants = stackalloc byte[Groups];
            float scale = PositiveScaleSearch.Find(
                new ReadOnlySpan<float>(numbers, Groups), new ReadOnlySpan<float>(weightSums, Groups), TBlock.LargestScale, quants);
            for (int group = 0; group < Groups; group++)
            {
                integers[group] = quants[group];
            }

            return scale;
        }

        float largest = 0;
        for (int group = 0; group < Groups; group++)
        {
            largest = numbers[group] > largest ? numbers[group] : largest;
        }

        float inverse = largest > 0 ? TBlock.LargestScale / largest : 0;
        for (int group = 0; group < Groups; group++)
        {
            integers[group] = NearestInteger.Of(inverse * numbers[group]);
        }

        return largest / TBlock.LargestScale;
    }

    private struct Kernel : IByteKernel
    {
        public float* Values;
        public float* Importance;
        public byte* Blocks;
        public int Count;

        [SkipLocalsInit]
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<V, B, TIsa>()
            where V : struct
            where B : struct
            where TIsa : struct, IByteIsa<V, B>
        {
            GroupLanes lanes;
            byte* block = Blocks;
            for (int start = 0; start < Count; start += GroupLanes.ChunkLength)
            {
                int length = Math.Min(GroupLanes.ChunkLength, Count - start);
                Search<V, TIsa>(&lanes, start, length);
                for (int b = 0; b < length / Length; b++, block += sizeof(TBlock))
                {
                    int group = b * Groups;
                    StoreScales(
                        block, lanes.Scales + group, lanes.Minimums + group, Importance is null ? null : lanes.WeightSums + group);
                    Quantize<V, B, TIsa>(block, Values + start + (b * Length), lanes.Inverses + group, lanes.Bases + group);
                }
            }
        }

        private static void Quantize<V, B, TIsa>(byte* block, float* values, float* inverses, float* bases)
            where V : struct
            where B : struct
            where TIsa : struct, IByteIsa<V, B>
        {
            byte* quants = stackalloc byte[Length];
            for (int group = 0; group < Groups; group++)
            {
                float* x = values + (group * TBlock.GroupLength);
                byte* target = quants + (group * TBlock.GroupLength);
                (float scale, float minimum) = SuperBlockQuants<TBlock>.Stored(block, group);
                if (scale != 0)
                {
                    SuperBlockQuants<TBlock>.Round<V, B, TIsa>(x, scale, minimum, target);
                }
                else
                {
                    RangeSearch.Quantize<V, B, TIsa>(x, TBlock.GroupLength, inverses[group], bases[group], TBlock.Largest, target);
                }
            }

            TBlock.PackQuants(block, quants);
        }

        private readonly void Search<V, TIsa>(GroupLanes* lanes, int start, int length)
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            bool isPlain = Importance is null;
            int batches = lanes->Load<V, TIsa>(Values + start, isPlain ? null : Importance + start, length, TBlock.GroupLength);
            for (int b = 0; b < GroupLanes.ChunkLength / Length; b++)
            {
                bool isInside = !isPlain && b * Length < length;
                float variance = isInside ? Variance(new ReadOnlySpan<float>(Values + start + (b * Length), Length)) : 0;
                new Span<float>(lanes->Variances + (b * Groups), Groups).Fill(variance);
            }

            WeightRule rule = isPlain ? TBlock.PlainWeights : WeightRule.ScaledImportance;
            RangeSteps steps = isPlain ? TBlock.PlainSteps : RangeSteps.WithImportance;
            for (int batch = 0; batch < batches; batch++)
            {
                SearchWeights.Fill<V, TIsa>(rule, lanes, batch, TBlock.GroupLength);
                RangeSearch.Find<V, TIsa>(lanes, batch, TBlock.GroupLength, TBlock.Largest, steps);
            }
        }
    }
}
