using System.Text;
using Lapidary.Checkpoints;
using Lapidary.Text.Jinja;
using Lapidary.Workbench.Evaluation.Results;
using Lapidary.Workbench.Evaluation.Statistics;

namespace Lapidary.Workbench.Evaluation.Comparison;

/// <summary>Compares a model with the base in one metric of one task: by pairs where both have samples, else by counts or standard errors.</summary>
internal sealed class TaskComparer(
    ComparisonOptions options, ScoredModel baseModel, ScoredModel model, List<string> warnings, CancellationToken cancellation)
{
    /// <summary>The comparison; null where a file has no value of the metric.</summary>
    public TaskComparison? Compare(ScoredTask baseTask, ScoredTask task, string metric, string filter)
    {
        ScoredItems? baseItems = ItemsOf(baseTask, metric, filter);
        ScoredItems? items = ItemsOf(task, metric, filter);
        TaskComparison? comparison = baseItems is not null && items is not null && !options.Unpaired
            ? Paired(baseTask, task, metric, baseItems, items)
            : null;
        comparison ??= Unpaired(baseTask, task, metric, filter);
        return comparison is null || double.IsFinite(comparison.Row.Difference) ? comparison
            : throw new CheckpointException(
                model.Source, $"has a {metric} of {task.Name} that, with that of {baseModel.Source}, is beyond the range of numbers where one to compare was expected");
    }

    /// <summary>The metrics and filters of a task, in the order of its files.</summary>
    public static IReadOnlyList<(string Metric, string Filter)> MetricsOf(ScoredTask task) =>
        [.. task.Metrics.Select(metric => (metric.Name, metric.Filter))
            .Concat(task.Items.SelectMany(items => items.Values.Keys.Select(name => (name, items.Filter))))
            .Distinct()];

    private static ScoredItems? ItemsOf(ScoredTask task, string metric, string filter) =>
        task.Items.FirstOrDefault(items => items.Filter == filter && items.Values.ContainsKey(metric));

    private static ScoredMetric? MetricOf(ScoredTask task, string metric, string filter) =>
        task.Metrics.FirstOrDefault(candidate => candidate.Name == metric && candidate.Filter == filter);

    private TaskComparison? Paired(ScoredTask baseTask, ScoredTask task, string metric, ScoredItems baseItems, ScoredItems items)
    {
        int[] order = ItemPairing.Join(task.Name, baseItems, items, baseModel.Source, model.Source);
        double[] baseAll = baseItems.Values[metric];
        double[] all = items.Values[metric];
        int[] kept = [.. Enumerable.Range(0, order.Length).Where(i =>
            double.IsFinite(baseAll[i]) && double.IsFinite(all[order[i]]) && WeightOf(baseItems, metric, i) == WeightOf(items, metric, order[i]))];
        if (kept.Length == 0)
        {
            return null;
        }

        if (kept.Length < order.Length)
        {
            warnings.Add($"{task.Name}: {order.Length - kept.Length} documents have no value of {metric}, or one of another weight, in one of {baseModel.Name} and {model.Name} and are left out");
        }

        double[]? weights = baseItems.Weights.TryGetValue(metric, out double[]? column) ? [.. kept.Select(i => column[i])] : null;
        var pairs = new PairedItems(
            [.. kept.Select(i => all[order[i]])], [.. kept.Select(i => baseAll[i])], weights, MetricNames.ScaleOf(metric));
        bool isBinary = pairs is { Scale: ItemScale.Mean, Weights: null } && IsBinary(pairs.First) && IsBinary(pairs.Second);
        ScoredMetric? baseScore = MetricOf(baseTask, metric, baseItems.Filter);
        ScoredMetric? score = MetricOf(task, metric, items.Filter);
        double? chance = AccuracyBaseline.ChanceOf(baseItems, metric) ?? baseScore?.Chance;
        double[] resamples = PairedBootstrap.Differences(
            pairs, options.Resamples, SeedOf(options.Seed, task.Name), options.Threads, cancellation);
        Interval interval = PairedBootstrap.Percentiles([.. resamples], options.Confidence);
        var row = new ComparisonRow
        {
            Kind = ComparisonRowKind.Task,
            Name = task.Name,
            Metric = metric,
            Filter = items.Filter,
            Model = model.Name,
            Count = kept.Length,
            Estimate = Estimate(pairs, pairs.First, isBinary, chance, score, model.Name),
            BaseEstimate = Estimate(pairs, pairs.Second, isBinary, chance, baseScore, baseModel.Name),
            Interval = interval,
            HigherIsBetter = Direction(baseScore, score, metric),
            IsShare = pairs.Scale == ItemScale.Mean && AreShares(pairs.First, pairs.Weights) && AreShares(pairs.Second, pairs.Weights),
            Paired = Test(pairs, isBinary, task.Name),
            Unpaired = isBinary ? Counts((long)pairs.First.Sum(), kept.Length, (long)pairs.Second.Sum(), kept.Length) : null,
            Chance = chance,
        };
        return WithConstants(
            new TaskComparison(row with { Detectable = Detectable(pairs, isBinary, row.Paired!, resamples) }) { Items = pairs, Resamples = resamples },
            AccuracyBaseline.GoldsOf(baseItems, metric) ?? baseScore?.Golds);
    }

    private PairedTest Test(PairedItems pairs, bool isBinary, string task)
    {
        if (isBinary)
        {
            long onlyModel = 0;
            long onlyBase = 0;
            for (int i = 0; i < pairs.Count; i++)
            {
                onlyModel += pairs.First[i] > pairs.Second[i] ? 1 : 0;
                onlyBase += pairs.First[i] < pairs.Second[i] ? 1 : 0;
            }

            return new PairedTest(McNemar.Exact(onlyModel, onlyBase), "McNemar, exact")
            {
                OnlyModel = onlyModel, OnlyBase = onlyBase, MidP = McNemar.MidP(onlyModel, onlyBase),
            };
        }

        double p = PairedPermutation.TwoSided(
            pairs.Differences(), options.Resamples, SeedOf(options.Seed, task), options.Threads, cancellation);
        return new PairedTest(p, pairs is { Scale: ItemScale.Mean, Weights: not null } ? "paired permutation of documents" : "paired permutation");
    }

    private double Detectable(PairedItems pairs, bool isBinary, PairedTest test, double[] resamples) => isBinary
        ? DetectableDifference.Paired((double)(test.OnlyModel!.Value + test.OnlyBase!.Value) / pairs.Count, pairs.Count, options.Alpha)
        : DetectableDifference.Multiple(options.Alpha) * Deviation(resamples);

    private TaskComparison? Unpaired(ScoredTask baseTask, ScoredTask task, string metric, string filter)
    {
        if (Summary(baseTask, metric, filter) is not { Value: double baseValue } baseScore || Summary(task, metric, filter) is not { Value: double value } score)
        {
            return null;
        }

        double? chance = baseScore.Chance ?? score.Chance;
        UnpairedTest? test = score is { Correct: long correct, Count: long count } && baseScore is { Correct: long baseCorrect, Count: long baseCount }
            ? Counts(correct, count, baseCorrect, baseCount)
            : score.StandardError is double error && baseScore.StandardError is double baseError && error + baseError > 0
                ? Errors(value - baseValue, Math.Sqrt((error * error) + (baseError * baseError)))
                : null;
        double half = NormalDistribution.Quantile(0.5 + (options.Confidence / 2)) * (test?.StandardError ?? double.NaN);
        return WithConstants(new TaskComparison(new ComparisonRow
        {
            Kind = ComparisonRowKind.Task,
            Name = task.Name,
            Metric = metric,
            Filter = filter,
            Model = model.Name,
            Count = score.Count ?? baseScore.Count ?? 0,
            BaseCount = score.Count == baseScore.Count ? null : baseScore.Count,
            Estimate = Estimate(score, chance),
            BaseEstimate = Estimate(baseScore, chance),
            Interval = test is null ? null : new Interval(value - baseValue - half, value - baseValue + half),
            HigherIsBetter = Direction(baseScore, score, metric),
            IsShare = MetricNames.ScaleOf(metric) == ItemScale.Mean && value is >= 0 and <= 1 && baseValue is >= 0 and <= 1,
            Unpaired = test,
            Chance = chance,
            Detectable = Detectable(baseScore, score, test),
        }), baseScore.Golds ?? score.Golds);
    }

    private double? Detectable(ScoredMetric baseScore, ScoredMetric score, UnpairedTest? test)
    {
        if (score is { Correct: not null, Count: long count } && baseScore is { Correct: long baseCorrect, Count: long baseCount })
        {
            // Where no answer or every answer is right, the variance is not zero but unknown: Laplace's rule.
            double share = baseCorrect == 0 || baseCorrect == baseCount ? (baseCorrect + 1.0) / (baseCount + 2) : (double)baseCorrect / baseCount;
            return DetectableDifference.Unpaired(share, count, baseCount, options.Alpha);
        }

        return test is null ? null : DetectableDifference.Multiple(options.Alpha) * test.StandardError;
    }

    private static UnpairedTest Counts(long correct, long count, long baseCorrect, long baseCount)
    {
        double z = TwoProportions.PooledZ(correct, count, baseCorrect, baseCount);
        return new UnpairedTest(TwoProportions.StandardError(correct, count, baseCorrect, baseCount), z, NormalDistribution.TwoSided(z))
        {
            FisherP = FisherExact.TwoSided(correct, count, baseCorrect, baseCount),
            AnyPairing = count == baseCount ? McNemar.OverEveryPairing([(correct, baseCorrect, count)]) : null,
        };
    }

    private static UnpairedTest Errors(double difference, double error) =>
        new(error, difference / error, NormalDistribution.TwoSided(difference / error));

    // What a results file says of the metric, or what follows from samples where there is none.
    private static ScoredMetric? Summary(ScoredTask task, string metric, string filter)
    {
        ScoredMetric? score = MetricOf(task, metric, filter);
        if (ItemsOf(task, metric, filter) is not { } items)
        {
            return score;
        }

        double[] values = [.. items.Values[metric].Where(double.IsFinite)];
        if (values.Length == 0 || (score is null && items.Weights.ContainsKey(metric)))
        {
            return score;
        }

        bool isBinary = MetricNames.ScaleOf(metric) == ItemScale.Mean && IsBinary(values) && !items.Weights.ContainsKey(metric);
        var pairs = new PairedItems(values, values, null, MetricNames.ScaleOf(metric));
        score ??= new ScoredMetric(metric, filter) { Value = pairs.Value(values.Sum(), values.Length), StandardError = StandardError(pairs, values) };
        return score with
        {
            Count = score.Count ?? values.Length,
            Correct = isBinary && (score.Count ?? values.Length) == values.Length ? (long)values.Sum() : score.Correct,
            Chance = AccuracyBaseline.ChanceOf(items, metric) ?? score.Chance,
            Golds = AccuracyBaseline.GoldsOf(items, metric) ?? score.Golds,
        };
    }

    private MetricEstimate Estimate(ScoredMetric score, double? chance) => new(score.Value!.Value, score.StandardError)
    {
        Correct = score.Correct,
        Interval = score is { Correct: long correct, Count: long count } ? Proportion.Wilson(correct, count, options.Confidence) : null,
        ChanceP = score is { Correct: long right, Count: long all } && chance is double guess ? BinomialTest.TwoSided(right, all, guess) : null,
    };

    private MetricEstimate Estimate(
        PairedItems pairs, double[] values, bool isBinary, double? chance, ScoredMetric? score, string name)
    {
        double weight = pairs.Weights?.Sum() ?? values.Length;
        double value = pairs.Value(values.Sum(), weight);
        if (score?.Value is double stated && Math.Abs(stated - value) > 1e-6 * Math.Max(1, Math.Abs(stated)))
        {
            warnings.Add($"{name}: the samples give {PythonNumber.Format(value)} for {score.Name} where the results file says {PythonNumber.Format(stated)}");
        }

        double? error = StandardError(pairs, values) ?? score?.StandardError;
        if (!isBinary)
        {
            return new MetricEstimate(value, error);
        }

        long correct = (long)values.Sum();
        return new MetricEstimate(value, error)
        {
            Correct = correct,
            Interval = Proportion.Wilson(correct, values.Length, options.Confidence),
            ChanceP = chance is double guess ? BinomialTest.TwoSided(correct, values.Length, guess) : null,
        };
    }

    // The standard deviation of the documents over the root of their number; null for scales that are no mean. Of parts of documents that of a
    // ratio of means, linearised (Cochran, Sampling Techniques, 1977, ch. 6): documents are drawn, not their parts.
    private static double? StandardError(PairedItems pairs, double[] values)
    {
        if (pairs.Scale != ItemScale.Mean || values.Length < 2)
        {
            return null;
        }

        if (pairs.Weights is not { } weights)
        {
            return Deviation(values) / Math.Sqrt(values.Length);
        }

        double share = values.Sum() / weights.Sum();
        return Deviation([.. values.Select((value, i) => value - (share * weights[i]))]) * Math.Sqrt(values.Length) / weights.Sum();
    }

    private static double Deviation(double[] values)
    {
        double mean = values.Sum() / values.Length;
        return Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / Math.Max(1, values.Length - 1));
    }

    private static double WeightOf(ScoredItems items, string metric, int index) =>
        items.Weights.TryGetValue(metric, out double[]? weights) ? weights[index] : 1;

    private static bool AreShares(double[] values, double[]? weights) =>
        values.Select((value, i) => value / (weights?[i] ?? 1)).All(share => share is >= 0 and <= 1);

    private static bool IsBinary(double[] values) => values.All(value => value is 0 or 1);

    private static bool Direction(ScoredMetric? baseScore, ScoredMetric? score, string metric) =>
        baseScore?.HigherIsBetter ?? score?.HigherIsBetter ?? MetricNames.IsHigherBetter(metric);

    private static TaskComparison WithConstants(TaskComparison comparison, IReadOnlyDictionary<string, long>? golds)
    {
        if (golds is null || golds.Count == 0)
        {
            return comparison;
        }

        double total = golds.Values.Sum();
        var constants = golds.ToDictionary(gold => gold.Key, gold => gold.Value / total);
        return comparison with { Constants = constants, Row = comparison.Row with { Constant = ConstantAnswer.Best(constants) } };
    }

    // Each task has random numbers of its own, the same for every model, whatever else is compared (FNV-1a of its name).
    private static ulong SeedOf(ulong seed, string task)
    {
        ulong hash = 0xCBF2_9CE4_8422_2325;
        foreach (byte b in Encoding.UTF8.GetBytes(task))
        {
            hash = (hash ^ b) * 0x100_0000_01B3;
        }

        return seed ^ hash;
    }
}
