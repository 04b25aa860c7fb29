using System.Globalization;
using System.Text;
using Lapidary.Workbench.Evaluation.Comparison;

namespace Lapidary.Workbench.Reports.Cards;

/// <summary>What evaluations say of a model beside its base. No word about a change that the statistics do not say.</summary>
internal static class EvaluationSection
{
    /// <summary>The section; null where nothing was compared.</summary>
    public static CardSection? Create(CardFacts facts, string? chart)
    {
        if (facts.Comparison is not { } comparison)
        {
            return null;
        }

        var text = new StringBuilder("## Evaluation\n\n");
        foreach (string model in comparison.Models)
        {
            text.Append(Statement(comparison, model)).Append('\n');
        }

        text.Append('\n').Append(ComparisonTable.Markdown(comparison));
        text.Append(CultureInfo.InvariantCulture, $"\nn is the number of documents; values with their standard errors, differences with {100 * comparison.Options.Confidence:0.##} % intervals, ");
        text.Append("p-values of pairs of the same documents where there are samples, with Holm's correction over all rows of a table; ");
        text.Append("chance is what guessing scores, constant the best answer to give every time. ");
        text.Append(CultureInfo.InvariantCulture, $"A change is called one where the corrected p-value is below {comparison.Options.Alpha:0.###}.\n");
        if (chart is not null)
        {
            text.Append("\n![Differences from the base with their intervals](").Append(chart).Append(")\n");
        }

        return new CardSection("evaluation", text.ToString());
    }

    /// <summary>What may be said of a model in a sentence or two.</summary>
    public static string Statement(ComparisonResult comparison, string model)
    {
        ComparisonRow[] rows = [.. comparison.Rows.Where(row => row.Model == model && row.Kind == ComparisonRowKind.Task)];
        string Names(ComparisonVerdict verdict) => string.Join(", ", rows.Where(row => row.Verdict == verdict)
            .Select(row => $"{row.Name} ({row.Metric}: {ComparisonText.Value(row, row.BaseEstimate.Value)} to {ComparisonText.Value(row, row.Estimate.Value)})"));
        int undetected = rows.Count(row => row.Verdict is ComparisonVerdict.NoDetectableChange or ComparisonVerdict.Borderline);
        var parts = new List<string>();
        foreach ((ComparisonVerdict verdict, string word) in new[] { (ComparisonVerdict.Improved, "better"), (ComparisonVerdict.Degraded, "worse") })
        {
            if (Names(verdict) is { Length: > 0 } names)
            {
                parts.Add($"{word} in {names}");
            }
        }

        string against = $"`{model}` against `{comparison.Base}`";
        string changes = parts.Count > 0 ? $"{against}: {string.Join("; ", parts)}." : $"{against}: no change that could be told from chance.";
        return parts.Count > 0 && undetected > 0 ? $"{changes} In {undetected} other rows no change could be told from chance." : changes;
    }
}
