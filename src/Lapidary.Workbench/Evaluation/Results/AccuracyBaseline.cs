using System.Globalization;

namespace Lapidary.Workbench.Evaluation.Results;

/// <summary>What an accuracy has to beat: guessing, and the same answer to every question.</summary>
internal static class AccuracyBaseline
{
    /// <summary>What guessing among the choices scores on the average; null where a document has no choices.</summary>
    public static double? ChanceOf(ScoredItems items, string metric) =>
        MetricNames.IsChoiceAccuracy(metric) && items.Choices.All(count => count > 1) ? items.Choices.Average(count => 1.0 / count) : null;

    /// <summary>How often each answer is the right one; null where nobody could give the same one every time.</summary>
    public static Dictionary<string, long>? GoldsOf(ScoredItems items, string metric)
    {
        // Whether instructions are followed does not depend on the target.
        if (items.Golds is not { } golds || !MetricNames.IsAccuracy(metric) || metric.StartsWith("prompt_level_", StringComparison.Ordinal))
        {
            return null;
        }

        if (items.Choices.Any(count => count > 1))
        {
            // The number of a choice; a target that is a text is no answer that could be given every time.
            bool areNumbers = golds.Zip(items.Choices).All(item => NumberOf(item.First) is int gold && gold >= 0 && gold < item.Second);
            return areNumbers ? Counted(golds.Select(gold => Letter(NumberOf(gold)!.Value)))
                : items.RightOfTwo is { } right ? Counted(right.Select(option => $"option {option + 1}"))
                : null;
        }

        // Free answers of which hardly two are the same have no best constant one.
        return golds.Distinct(StringComparer.Ordinal).Count() * 2 <= golds.Length ? Counted(golds) : null;
    }

    private static int? NumberOf(string gold) => int.TryParse(gold, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) ? number : null;

    private static Dictionary<string, long> Counted(IEnumerable<string> golds) =>
        golds.GroupBy(gold => gold, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.LongCount(), StringComparer.Ordinal);

    private static string Letter(int choice) => choice < 26 ? ((char)('A' + choice)).ToString() : $"choice {choice + 1}";
}
