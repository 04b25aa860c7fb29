using System.Runtime.CompilerServices;
using Lapidary.Numerics.Simd;

namespace Lapidary.Numerics.Formats.Encoding;

/// <summary>
/// Encoding of the K formats without minimums, as ggml does it: <see cref="ScaleSearch"/> or <see cref="ScaleDescent"/> finds a scale for each
/// group of 16; these are made integers; then all elements are rounded once more with the scales as stored. A group whose stored scale is
/// zero keeps the quants of the search.
/// </summary>
internal static unsafe class ScaleSuperBlockEncoder<TBlock>
    where TBlock : unmanaged, IScaleSuperBlock
{
    private const int Length = 256;
    private const int GroupLength = 16;
    private const int Groups = Length / GroupLength;

    private static int Limit
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 1 << TBlock.OffsetPower;
    }

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
        float* scales = stackalloc float[Groups], sums = stackalloc float[Groups];
        byte* quants = stackalloc byte[Length];
        fixed (byte* start = blocks)
        {
            for (int b = 0; b < values.Length / Length; b++)
            {
                byte* block = start + (b * sizeof(TBlock));
                ReadOnlySpan<float> x = values.Slice(b * Length, Length);
                ReadOnlySpan<float> w = importance.IsEmpty ? [] : importance.Slice(b * Length, Length);
                SearchReference(x, w, scales, sums, quants);
                if (!TryStoreScales(block, scales, importance.IsEmpty ? null : sums))
                {
                    continue;
                }

                for (int group = 0; group < Groups; group++)
                {
                    float scale = SuperBlockQuants<TBlock>.Stored(block, group).Scale;
                    if (scale != 0)
                    {
                        Span<byte> target = new(quants + (group * GroupLength), GroupLength);
                        SuperBlockQuants<TBlock>.Round(x.Slice(group * GroupLength, GroupLength), scale, 0, target);
                    }
                }

                TBlock.PackQuants(block, quants);
            }
        }
    }

    private static void SearchReference(
        ReadOnlySpan<float> values, ReadOnlySpan<float> importance, float* scales, float* sums, byte* quants)
    {
        bool isPlain = importance.IsEmpty;
        WeightRule rule = isPlain ? WeightRule.Square : TBlock.ImportanceWeights;
        float variance = Variance(values, rule);
        Span<float> weights = stackalloc float[GroupLength];
        for (int group = 0; group < Groups; group++)
        {
            ReadOnlySpan<float> x = values.Slice(group * GroupLength, GroupLength);
            Span<byte> found = new(quants + (group * GroupLength), GroupLength);
            ReadOnlySpan<float> w = isPlain ? [] : importance.Slice(group * GroupLength, GroupLength);
            sums[group] = SearchWeights.Fill(rule, x, w, variance, weights);
            scales[group] = isPlain && TBlock.DescendsWithoutImportance
                ? ScaleDescent.Find(x, Limit, found)
                : ScaleSearch.Find(x, weights, Limit, found);
        }
    }

    private static float Variance(ReadOnlySpan<float> values, WeightRule rule) =>
        rule == WeightRule.ScaledImportance ? 2 * SearchWeights.SumOfSquares(values) / Length : 0;

    private static bool TryStoreScales(byte* block, float* scales, float* weightSums)
    {
        int* integers = stackalloc int[Groups];
        if (!TBlock.TryScale(scales, weightSums, integers, out float scale))
        {
            new Span<byte>(block, sizeof(TBlock)).Clear();
            return false;
        }

        *(ushort*)(block + TBlock.ScaleOffset) = HalfRounding.Of(scale);
        TBlock.PackScales(block, integers, null);
        return true;
    }

    private struct Kernel : IByteKernel
    {
        public float* Values;
        public float* Importance;
        public byte* Blocks;
        public int Count;

        private readonly bool Descends => Importance is null && TBlock.DescendsWithoutImportance;

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
                    if (TryStoreScales(block, lanes.Scales + group, Importance is null ? null : lanes.WeightSums + group))
                    {
                        Quantize<V, B, TIsa>(block, Values + start + (b * Length), &lanes, group);
                    }
                }
            }
        }

        private readonly void Quantize<V, B, TIsa>(byte* block, float* values, GroupLanes* lanes, int firstGroup)
            where V : struct
            where B : struct
            where TIsa : struct, IByteIsa<V, B>
        {
            byte* quants = stackalloc byte[Length];
            for (int group = 0; group < Groups; group++)
            {
                float* x = values + (group * GroupLength);
                byte* target = quants + (group * GroupLength);
                float scale = SuperBlockQuants<TBlock>.Stored(block, group).Scale;
                if (scale != 0)
                {
                    SuperBlockQuants<TBlock>.Round<V, B, TIsa>(x, scale, 0, target);
                }
                else if (Descends)
                {
                    for (int i = 0; i < GroupLength; i++)
                    {
                        target[i] = (byte)lanes->Quant(firstGroup + group, i, GroupLength, TIsa.Width);
                    }
                }
                else
                {
                    ScaleSearch.Quantize<V, B, TIsa>(x, GroupLength, lanes->Inverses[firstGroup + group], Limit, target);
                }
            }

            TBlock.PackQuants(block, quants);
        }

        private readonly void Search<V, TIsa>(GroupLanes* lanes, int start, int length)
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            bool isPlain = Importance is null;
            int batches = lanes->Load<V, TIsa>(Values + start, isPlain ? null : Importance + start, length, GroupLength);
            WeightRule rule = isPlain ? WeightRule.Square : TBlock.ImportanceWeights;
            for (int b = 0; b < GroupLanes.ChunkLength / Length; b++)
            {
                float variance = b * Length < length
                    ? Variance(new ReadOnlySpan<float>(Values + start + (b * Length), Length), rule)
                    : 0;
                new Span<float>(lanes->Variances + (b * Groups), Groups).Fill(variance);
            }

            for (int batch = 0; batch < batches; batch++)
            {
                if (Descends)
                {
                    ScaleDescent.Find<V, TIsa>(lanes, batch, GroupLength, Limit);
                }
                else
                {
                    SearchWeights.Fill<V, TIsa>(rule, lanes, batch, GroupLength);
                    ScaleSearch.Find<V, TIsa>(lanes, batch, GroupLength, Limit);
                }
            }
        }
    }
}
