using Lapidary.Workbench.Evaluation.Statistics;

namespace Lapidary.Workbench.Evaluation.Comparison;

/// <summary>
/// The means of groups. Resamples are stratified: each task draws from its own documents, so the sizes of the tasks stay what they are,
/// and the i-th resample of a mean is made of the i-th ones of its tasks.
/// </summary>
internal sealed class GroupComparer(ComparisonOptions options, CancellationToken cancellation)
{
    /// <summary>The mean weighted by sizes and the unweighted one, of tasks compared in one metric for one model.</summary>
    /// <param name="name">The group.</param>
    /// <param name="tasks">Its tasks, at least two.</param>
    public IEnumerable<ComparisonRow> Compare(string name, IReadOnlyList<TaskComparison> tasks)
    {
        if (tasks.Any(task => !task.Row.IsShare || task.Row.Count == 0))
        {
            yield break;
        }

        double documents = tasks.Sum(task => (double)task.Row.Count);
        yield return Row(ComparisonRowKind.GroupMean, name, tasks, [.. tasks.Select(task => task.Row.Count / documents)]);
        yield return Row(ComparisonRowKind.MacroMean, name, tasks, [.. tasks.Select(_ => 1.0 / tasks.Count)]);
    }

    private ComparisonRow Row(ComparisonRowKind kind, string name, IReadOnlyList<TaskComparison> tasks, double[] weights)
    {
        ComparisonRow first = tasks[0].Row;
        bool isPooled = kind == ComparisonRowKind.GroupMean;
        bool isPaired = tasks.All(task => task.Resamples is not null);
        MetricEstimate estimate = Mean(tasks, weights, isPooled, row => row.Estimate, row => row.Count);
        MetricEstimate baseEstimate = Mean(tasks, weights, isPooled, row => row.BaseEstimate, row => row.BaseCount ?? row.Count);
        double[]? resamples = isPaired ? Resamples(tasks, weights) : null;
        PairedTest? paired = isPaired ? Test(tasks, weights, isPooled) : null;
        UnpairedTest? unpaired = Unpaired(tasks, isPooled, estimate, baseEstimate);
        return new ComparisonRow
        {
            Kind = kind,
            Name = name,
            TaskCount = tasks.Count,
            Metric = first.Metric,
            Filter = first.Filter,
            Model = first.Model,
            Count = tasks.Sum(task => task.Row.Count),
            BaseCount = tasks.Any(task => task.Row.BaseCount is not null) ? tasks.Sum(task => task.Row.BaseCount ?? task.Row.Count) : null,
            Estimate = estimate,
            BaseEstimate = baseEstimate,
            Interval = resamples is not null ? PairedBootstrap.Percentiles([.. resamples], options.Confidence)
                : unpaired is not null ? Normal(estimate.Value - baseEstimate.Value, unpaired.StandardError)
                : null,
            HigherIsBetter = first.HigherIsBetter,
            IsShare = true,
            Paired = paired,
            Unpaired = unpaired,
            Chance = tasks.All(task => task.Row.Chance is not null) ? Sum(tasks, weights, task => task.Row.Chance!.Value) : null,
            Constant = Constant(tasks, weights),
            Detectable = DetectableDifference.Multiple(options.Alpha) * (resamples is not null ? Deviation(resamples) : unpaired?.StandardError),
        };
    }

    private Interval Normal(double difference, double error)
    {
        double half = NormalDistribution.Quantile(0.5 + (options.Confidence / 2)) * error;
        return new Interval(difference - half, difference + half);
    }

    // The pooled error is that of lm-evaluation-harness; that of an unweighted mean follows from independent tasks.
    private static MetricEstimate Mean(
        IReadOnlyList<TaskComparison> tasks, double[] weights, bool isPooled, Func<ComparisonRow, MetricEstimate> of, Func<ComparisonRow, long> count)
    {
        double value = Sum(tasks, weights, task => of(task.Row).Value);
        bool isCounted = tasks.All(task => of(task.Row).Correct is not null);
        long? correct = isPooled && isCounted ? tasks.Sum(task => of(task.Row).Correct!.Value) : null;
        if (!tasks.All(task => of(task.Row).StandardError is not null))
        {
            return new MetricEstimate(value, null) { Correct = correct };
        }

        double documents = tasks.Sum(task => (double)count(task.Row));
        double variance = 0;
        for (int i = 0; i < tasks.Count; i++)
        {
            double error = of(tasks[i].Row).StandardError!.Value;
            double size = count(tasks[i].Row);
            variance += isPooled ? (size - 1) * error * error * size : weights[i] * weights[i] * error * error;
        }

        return new MetricEstimate(value, Math.Sqrt(isPooled ? variance / (documents - tasks.Count) / documents : variance)) { Correct = correct };
    }

    private double[] Resamples(IReadOnlyList<TaskComparison> tasks, double[] weights)
    {
        var sums = new double[options.Resamples];
        for (int task = 0; task < tasks.Count; task++)
        {
            double[] values = tasks[task].Resamples!;
            for (int i = 0; i < sums.Length; i++)
            {
                sums[i] += weights[task] * values[i];
            }
        }

        return sums;
    }

    private PairedTest Test(IReadOnlyList<TaskComparison> tasks, double[] weights, bool isPooled)
    {
        if (isPooled && tasks.All(task => task.Row.Paired!.OnlyModel is not null))
        {
            long onlyModel = tasks.Sum(task => task.Row.Paired!.OnlyModel!.Value);
            long onlyBase = tasks.Sum(task => task.Row.Paired!.OnlyBase!.Value);
            return new PairedTest(McNemar.Exact(onlyModel, onlyBase), "McNemar, exact")
            {
                OnlyModel = onlyModel, OnlyBase = onlyBase, MidP = McNemar.MidP(onlyModel, onlyBase),
            };
        }

        double[] differences =
        [
            .. tasks.SelectMany((task, i) => task.Items!.Differences().Select(difference => difference * weights[i] / (task.Items.Weights?.Sum() ?? task.Items.Count))),
        ];
        return new PairedTest(
            PairedPermutation.TwoSided(differences, options.Resamples, options.Seed, options.Threads, cancellation), "paired permutation");
    }

    private static UnpairedTest? Unpaired(
        IReadOnlyList<TaskComparison> tasks, bool isPooled, MetricEstimate estimate, MetricEstimate baseEstimate)
    {
        if (!tasks.All(task => task.Row.Unpaired is not null))
        {
            return null;
        }

        if (isPooled && tasks.All(task => task.Row is { Estimate.Correct: not null, BaseEstimate.Correct: not null }))
        {
            long correct = tasks.Sum(task => task.Row.Estimate.Correct!.Value);
            long baseCorrect = tasks.Sum(task => task.Row.BaseEstimate.Correct!.Value);
            long count = tasks.Sum(task => task.Row.Count);
            long baseCount = tasks.Sum(task => task.Row.BaseCount ?? task.Row.Count);
            double z = TwoProportions.PooledZ(correct, count, baseCorrect, baseCount);
            return new UnpairedTest(TwoProportions.StandardError(correct, count, baseCorrect, baseCount), z, NormalDistribution.TwoSided(z))
            {
                FisherP = FisherExact.TwoSided(correct, count, baseCorrect, baseCount),
                AnyPairing = tasks.All(task => task.Row.BaseCount is null)
                    ? McNemar.OverEveryPairing(tasks.Select(task =>
                        (task.Row.Estimate.Correct!.Value, task.Row.BaseEstimate.Correct!.Value, task.Row.Count)))
                    : null,
            };
        }

        if (estimate.StandardError is not double first || baseEstimate.StandardError is not double second)
        {
            return null;
        }

        double error = Math.Sqrt((first * first) + (second * second));
        double difference = estimate.Value - baseEstimate.Value;
        return error > 0 ? new UnpairedTest(error, difference / error, NormalDistribution.TwoSided(difference / error)) : null;
    }

    // One answer for all tasks, not the best one of each: nobody who guesses knows the task.
    private static ConstantAnswer? Constant(IReadOnlyList<TaskComparison> tasks, double[] weights)
    {
        if (!tasks.All(task => task.Constants is not null))
        {
            return null;
        }

        var shares = new Dictionary<string, double>(StringComparer.Ordinal);
        for (int i = 0; i < tasks.Count; i++)
        {
            foreach ((string answer, double share) in tasks[i].Constants!)
            {
                shares[answer] = shares.GetValueOrDefault(answer) + (weights[i] * share);
            }
        }

        return ConstantAnswer.Best(shares);
    }

    private static double Sum(IReadOnlyList<TaskComparison> tasks, double[] weights, Func<TaskComparison, double> value) =>
        tasks.Select((task, i) => weights[i] * value(task)).Sum();

    private static double Deviation(double[] values)
    {
        double mean = values.Sum() / values.Length;
        return Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1));
    }
}
