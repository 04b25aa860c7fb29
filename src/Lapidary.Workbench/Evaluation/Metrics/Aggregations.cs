namespace Lapidary.Workbench.Evaluation.Metrics;

/// <summary>
/// From the values of all documents to one number, as lm-evaluation-harness forms it. Sums run in the order of the documents and in
/// double. Of no values the result is not a number.
/// </summary>
internal static class Aggregations
{
    /// <summary>The sum over the count.</summary>
    public static double Mean(ReadOnlySpan<double> values) => Sum(values) / values.Length;

    /// <summary>
    /// The value in the middle of the order; of the two in the middle of an even count the upper one. The harness takes the middle of the
    /// documents without ordering their values, which is no median; none of its own tasks that come along here asks for one.
    /// </summary>
    public static double Median(ReadOnlySpan<double> values)
    {
        if (values.IsEmpty)
        {
            return double.NaN;
        }

        double[] sorted = values.ToArray();
        Array.Sort(sorted);
        return sorted[sorted.Length / 2];
    }

    /// <summary>The mean of the values that are numbers; not a number where none is.</summary>
    public static double NanMean(ReadOnlySpan<double> values)
    {
        double sum = 0;
        int count = 0;
        foreach (double value in values)
        {
            if (!double.IsNaN(value))
            {
                sum += value;
                count++;
            }
        }

        return sum / count;
    }

    /// <summary>exp(-mean) of log-likelihoods, in nats.</summary>
    public static double Perplexity(ReadOnlySpan<double> logLikelihoods) => Math.Exp(-Mean(logLikelihoods));

    /// <summary>exp(-sum of log-likelihoods / sum of weights): per word or per byte, whichever the weights count.</summary>
    /// <exception cref="ArgumentException">There are not as many weights as values.</exception>
    public static double WeightedPerplexity(ReadOnlySpan<double> logLikelihoods, ReadOnlySpan<double> weights) =>
        Math.Exp(-WeightedMean(logLikelihoods, weights));

    /// <summary>-sum of log-likelihoods / sum of bytes / ln 2.</summary>
    /// <exception cref="ArgumentException">There are not as many counts as values.</exception>
    public static double BitsPerByte(ReadOnlySpan<double> logLikelihoods, ReadOnlySpan<double> bytes) =>
        -WeightedMean(logLikelihoods, bytes) / Math.Log(2);

    /// <summary>
    /// The Brier score: the mean over the documents of the squared distance between the probabilities of the choices and those of
    /// somebody who knows (1 for the right choice, else 0).
    /// </summary>
    /// <param name="gold">The number of the right choice of each document.</param>
    /// <param name="probabilities">The probabilities of the choices of each document.</param>
    /// <exception cref="ArgumentException">The counts differ, or a right choice is none of the choices.</exception>
    public static double BrierScore(ReadOnlySpan<int> gold, IReadOnlyList<IReadOnlyList<double>> probabilities)
    {
        if (gold.Length != probabilities.Count)
        {
            throw new ArgumentException($"{gold.Length} right choices for {probabilities.Count} documents.", nameof(gold));
        }

        double sum = 0;
        for (int i = 0; i < gold.Length; i++)
        {
            IReadOnlyList<double> row = probabilities[i];
            if ((uint)gold[i] >= (uint)row.Count)
            {
                throw new ArgumentException($"Choice {gold[i]} of {row.Count} is none.", nameof(gold));
            }

            double distance = 0;
            for (int choice = 0; choice < row.Count; choice++)
            {
                double difference = row[choice] - (choice == gold[i] ? 1 : 0);
                distance += difference * difference;
            }

            sum += distance;
        }

        return sum / gold.Length;
    }

    /// <summary>
    /// pass@k without bias (Chen et al. 2021, equation 1): the probability that at least one of <paramref name="k"/> of the samples
    /// passes, 1 - C(n - c, k) / C(n, k), as the product that neither overflows nor cancels.
    /// </summary>
    /// <param name="samples">n, at least k.</param>
    /// <param name="passed">c, how many of them pass.</param>
    /// <param name="k">How many may be tried.</param>
    /// <exception cref="ArgumentOutOfRangeException">k is not between 1 and n, or c not between 0 and n.</exception>
    public static double PassAtK(int samples, int passed, int k)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k, samples);
        ArgumentOutOfRangeException.ThrowIfNegative(passed);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(passed, samples);
        if (samples - passed < k)
        {
            return 1;
        }

        double none = 1;
        for (int i = samples - passed + 1; i <= samples; i++)
        {
            none *= 1 - ((double)k / i);
        }

        return 1 - none;
    }

    /// <summary>The mean of a metric over the tasks of a group, weighted by their documents or each task alike.</summary>
    /// <exception cref="ArgumentException">There are not as many sizes as tasks.</exception>
    public static double GroupMean(ReadOnlySpan<double> metrics, ReadOnlySpan<int> sizes, bool weightBySize)
    {
        if (metrics.Length != sizes.Length)
        {
            throw new ArgumentException($"{sizes.Length} sizes for {metrics.Length} tasks.", nameof(sizes));
        }

        double sum = 0;
        double weights = 0;
        for (int i = 0; i < sizes.Length; i++)
        {
            double weight = weightBySize ? sizes[i] : 1;
            sum += metrics[i] * weight;
            weights += weight;
        }

        return sum / weights;
    }

    private static double Sum(ReadOnlySpan<double> values)
    {
        double sum = 0;
        foreach (double value in values)
        {
            sum += value;
        }

        return sum;
    }

    private static double WeightedMean(ReadOnlySpan<double> values, ReadOnlySpan<double> weights) =>
        values.Length == weights.Length
            ? Sum(values) / Sum(weights)
            : throw new ArgumentException($"{weights.Length} weights for {values.Length} values.", nameof(weights));
}
