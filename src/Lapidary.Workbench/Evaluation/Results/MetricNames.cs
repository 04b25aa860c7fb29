using Lapidary.Workbench.Evaluation.Statistics;

namespace Lapidary.Workbench.Evaluation.Results;

/// <summary>What is known of a metric from its name, where a file does not say it.</summary>
internal static class MetricNames
{
    /// <summary>Whether a document has a sum of log-likelihoods and a weight, its number of words or of bytes.</summary>
    public static bool IsWeighted(string metric) => metric is "word_perplexity" or "byte_perplexity" or "bits_per_byte";

    /// <summary>Whether a document has several parts, such as the instructions of a prompt, of which each is right or not.</summary>
    public static bool IsOfParts(string metric) => metric is "inst_level_strict_acc" or "inst_level_loose_acc";

    /// <summary>How the value of the metric follows from those of its documents.</summary>
    public static ItemScale ScaleOf(string metric) => metric switch
    {
        "perplexity" or "word_perplexity" or "byte_perplexity" => ItemScale.Perplexity,
        "bits_per_byte" => ItemScale.Bits,
        _ => ItemScale.Mean,
    };

    /// <summary>Whether a larger value is the better one.</summary>
    public static bool IsHigherBetter(string metric) =>
        ScaleOf(metric) == ItemScale.Mean && metric is not ("brier_score" or "loss" or "ter" or "wer" or "kl_divergence" or "contains_marker");

    /// <summary>Whether the metric asks which choice is the likeliest.</summary>
    public static bool IsChoiceAccuracy(string metric) => metric is "acc" or "acc_norm" or "acc_bytes" or "acc_mutual_info";

    /// <summary>Whether the metric is a share of documents, which are counted.</summary>
    public static bool IsCounted(string metric) => IsAccuracy(metric) || metric == "contains_marker";

    /// <summary>Whether the metric is a share of right answers.</summary>
    public static bool IsAccuracy(string metric) =>
        IsChoiceAccuracy(metric) || metric is "exact_match" or "em" or "prompt_level_strict_acc" or "prompt_level_loose_acc" or "pass@1" or "pass_at_1";
}
