using Lapidary.Inference.Sampling;

namespace Lapidary.Tests.Inference.Sampling;

/// <summary>The distribution as the documentation states it, in double precision and without any cleverness.</summary>
internal static class ReferenceSampler
{
    /// <summary>Probability of each token; zero where it was filtered out.</summary>
    public static double[] Distribution(ReadOnlySpan<float> logits, SamplingOptions options, params ReadOnlySpan<int> history)
    {
        double[] values = [.. logits.ToArray().Select(logit => (double)logit)];
        foreach ((int token, float bias) in options.LogitBias)
        {
            values[token] += bias;
        }

        int[] window = [.. history.ToArray().TakeLast(options.PenaltyWindow ?? int.MaxValue)];
        foreach (IGrouping<int, int> group in window.GroupBy(token => token))
        {
            double value = values[group.Key];
            value = value <= 0 ? value * options.RepetitionPenalty : value / options.RepetitionPenalty;
            values[group.Key] = value - (group.Count() * options.FrequencyPenalty) - options.PresencePenalty;
        }

        int[] order = [.. Enumerable.Range(0, values.Length).Where(id => values[id] > double.NegativeInfinity).OrderByDescending(id => (float)values[id]).ThenBy(id => id)];
        var result = new double[values.Length];
        if (options.Temperature == 0)
        {
            result[order[0]] = 1;
            return result;
        }

        if (options.TopK > 0)
        {
            order = [.. order.Take(options.TopK)];
        }

        double largest = values[order[0]];
        double[] probabilities = Softmax([.. order.Select(id => values[id])], 1);
        double sum = 0;
        int count = 0;
        while (count < order.Length && (options.TopP == 1 || sum < options.TopP))
        {
            sum += probabilities[count++];
        }

        order = [.. order.Take(Math.Max(1, count)).Where((id, i) => i == 0 || Math.Exp(values[id] - largest) >= options.MinP)];
        double[] final = Softmax([.. order.Select(id => values[id])], options.Temperature);
        for (int i = 0; i < order.Length; i++)
        {
            result[order[i]] = final[i];
        }

        return result;
    }

    private static double[] Softmax(double[] values, double temperature)
    {
        double largest = values.Max();
        double[] weights = [.. values.Select(value => Math.Exp((value - largest) / temperature))];
        double total = weights.Sum();
        return [.. weights.Select(weight => weight / total)];
    }
}
