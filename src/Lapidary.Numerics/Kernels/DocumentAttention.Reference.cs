namespace Lapidary.Numerics.Kernels;

/// <content>Both passes in plain scalar code and double precision, softmax and its derivative as the definition has them.</content>
public sealed unsafe partial class DocumentAttention
{
    /// <summary><see cref="Forward"/> in plain scalar code and double precision.</summary>
    public static void ForwardReference(
        ReadOnlySpan<float> query,
        ReadOnlySpan<float> key,
        ReadOnlySpan<float> value,
        Span<float> output,
        Span<float> logSumExp,
        ReadOnlySpan<int> documentStarts,
        int heads,
        int kvHeads,
        int d,
        int? window,
        float scale,
        float? cap)
    {
        var sums = new double[d];
        for (int row = documentStarts[0]; row < documentStarts[^1]; row++)
        {
            int first = FirstVisible(documentStarts, row, window);
            for (int head = 0; head < heads; head++)
            {
                int keyHead = head / (heads / kvHeads), at = ((row * heads) + head) * d;
                double[] weights = Scores(query.Slice(at, d), key, first, row, keyHead, kvHeads, scale, cap);
                double largest = weights.Max(), total = 0;
                foreach (ref double weight in weights.AsSpan())
                {
                    weight = Math.Exp(weight - largest);
                    total += weight;
                }

                Array.Clear(sums);
                for (int k = first; k <= row; k++)
                {
                    for (int i = 0; i < d; i++)
                    {
                        sums[i] += weights[k - first] / total * value[(((k * kvHeads) + keyHead) * d) + i];
                    }
                }

                logSumExp[(row * heads) + head] = (float)(largest + Math.Log(total));
                for (int i = 0; i < d; i++)
                {
                    output[at + i] = (float)sums[i];
                }
            }
        }
    }

    /// <summary><see cref="Backward"/> in plain scalar code and double precision, from the inputs alone.</summary>
    public static void BackwardReference(
        ReadOnlySpan<float> query,
        ReadOnlySpan<float> key,
        ReadOnlySpan<float> value,
        ReadOnlySpan<float> outputGradient,
        Span<double> queryGradient,
        Span<double> keyGradient,
        Span<double> valueGradient,
        ReadOnlySpan<int> documentStarts,
        int heads,
        int kvHeads,
        int d,
        int? window,
        float scale,
        float? cap)
    {
        queryGradient.Clear();
        keyGradient.Clear();
        valueGradient.Clear();
        for (int row = documentStarts[0]; row < documentStarts[^1]; row++)
        {
            int first = FirstVisible(documentStarts, row, window);
            for (int head = 0; head < heads; head++)
            {
                int keyHead = head / (heads / kvHeads), at = ((row * heads) + head) * d;
                double[] scores = Scores(query.Slice(at, d), key, first, row, keyHead, kvHeads, scale, cap);
                double largest = scores.Max(), total = scores.Sum(score => Math.Exp(score - largest)), mean = 0;
                double[] weights = [.. scores.Select(score => Math.Exp(score - largest) / total)], weightGradients = new double[weights.Length];
                for (int k = first; k <= row; k++)
                {
                    for (int i = 0; i < d; i++)
                    {
                        int keyAt = (((k * kvHeads) + keyHead) * d) + i;
                        weightGradients[k - first] += (double)outputGradient[at + i] * value[keyAt];
                        valueGradient[keyAt] += weights[k - first] * outputGradient[at + i];
                    }

                    mean += weights[k - first] * weightGradients[k - first];
                }

                for (int k = first; k <= row; k++)
                {
                    double capped = cap is float limit ? 1 - (scores[k - first] / limit * (scores[k - first] / limit)) : 1;
                    double gradient = weights[k - first] * (weightGradients[k - first] - mean) * capped * scale;
                    for (int i = 0; i < d; i++)
                    {
                        int keyAt = (((k * kvHeads) + keyHead) * d) + i;
                        queryGradient[at + i] += gradient * key[keyAt];
                        keyGradient[keyAt] += gradient * query[at + i];
                    }
                }
            }
        }
    }

    private static int FirstVisible(ReadOnlySpan<int> documentStarts, int row, int? window)
    {
        int document = 0;
        while (documentStarts[document + 1] <= row)
        {
            document++;
        }

        return Math.Max(documentStarts[document], row - (window ?? row + 1) + 1);
    }

    private static double[] Scores(
        ReadOnlySpan<float> query, ReadOnlySpan<float> key, int first, int last, int keyHead, int kvHeads, float scale, float? cap)
    {
        var scores = new double[last - first + 1];
        for (int k = first; k <= last; k++)
        {
            double dot = 0;
            for (int i = 0; i < query.Length; i++)
            {
                dot += (double)query[i] * key[(((k * kvHeads) + keyHead) * query.Length) + i];
            }

            scores[k - first] = cap is float limit ? limit * Math.Tanh(dot * scale / limit) : dot * scale;
        }

        return scores;
    }
}
