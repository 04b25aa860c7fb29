namespace Lapidary.Workbench.Evaluation.Tasks.Configuration;

/// <summary>The metrics that need no function, with what the harness gives them where a file says nothing.</summary>
internal static class MetricNames
{
    /// <summary>What is computed of the values of all documents.</summary>
    public static readonly string[] Aggregations =
    [
        "mean", "median", "nanmean", "perplexity", "weighted_perplexity", "bits_per_byte", "f1", "mcc", "matthews_corrcoef", "brier_score", "bypass",
    ];

    /// <summary>Whether an answer holds a marker.</summary>
    public const string ContainsMarker = "contains_marker";

    private static readonly Dictionary<string, (string Aggregation, bool HigherIsBetter, OutputType[] Types)> Known = new(StringComparer.Ordinal)
    {
        ["acc"] = ("mean", true, [OutputType.MultipleChoice, OutputType.LogLikelihood]),
        ["acc_norm"] = ("mean", true, [OutputType.MultipleChoice]),
        ["acc_bytes"] = ("mean", true, [OutputType.MultipleChoice]),
        ["acc_mutual_info"] = ("mean", true, [OutputType.MultipleChoice]),
        ["exact_match"] = ("mean", true, [OutputType.MultipleChoice, OutputType.GenerateUntil]),
        [ContainsMarker] = ("mean", false, [OutputType.GenerateUntil]),
        ["brier_score"] = ("brier_score", false, [OutputType.MultipleChoice]),
        ["f1"] = ("f1", true, [OutputType.MultipleChoice]),
        ["mcc"] = ("matthews_corrcoef", true, [OutputType.MultipleChoice]),
        ["perplexity"] = ("perplexity", false, [OutputType.LogLikelihood]),
        ["word_perplexity"] = ("weighted_perplexity", false, [OutputType.LogLikelihoodRolling]),
        ["byte_perplexity"] = ("weighted_perplexity", false, [OutputType.LogLikelihoodRolling]),
        ["bits_per_byte"] = ("bits_per_byte", false, [OutputType.LogLikelihoodRolling]),
        ["bypass"] = ("bypass", true, [OutputType.MultipleChoice, OutputType.LogLikelihood, OutputType.LogLikelihoodRolling, OutputType.GenerateUntil]),
    };

    /// <summary>Those that a type of output can have.</summary>
    public static IEnumerable<string> Of(OutputType type) => Known.Where(pair => pair.Value.Types.Contains(type)).Select(pair => pair.Key);

    /// <summary>Those of a task that names none.</summary>
    public static string[] DefaultsOf(OutputType type) => type switch
    {
        OutputType.LogLikelihood => ["perplexity", "acc"],
        OutputType.LogLikelihoodRolling => ["word_perplexity", "byte_perplexity", "bits_per_byte"],
        OutputType.MultipleChoice => ["acc", "acc_norm"],
        _ => ["exact_match"],
    };

    /// <summary>The aggregation of a metric that names none.</summary>
    public static string AggregationOf(string metric) => Known.TryGetValue(metric, out var known) ? known.Aggregation : "mean";

    /// <summary>Whether more is better, or null where nobody knows.</summary>
    public static bool? HigherIsBetter(string metric) => Known.TryGetValue(metric, out var known) ? known.HigherIsBetter : null;
}
