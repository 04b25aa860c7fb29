using System.Globalization;
using System.Text;
using Lapidary.Workbench.Evaluation.Comparison;

namespace Lapidary.Workbench.Reports.Cards;

/// <summary>What a model cannot do, as far as it was measured, and what was not measured.</summary>
internal static class LimitsSection
{
    public static CardSection Create(CardFacts facts)
    {
        var text = new StringBuilder("## Limits\n\n");
        if (facts.Config is { } config)
        {
            text.Append(CultureInfo.InvariantCulture, $"- A context of {config.ContextLength:N0} tokens; text only.\n");
        }

        if (facts.Comparison is { } comparison)
        {
            foreach (ComparisonRow row in comparison.Rows.Where(row => row.Verdict == ComparisonVerdict.Degraded && row.Kind == ComparisonRowKind.Task))
            {
                text.Append(CultureInfo.InvariantCulture, $"- `{row.Model}` is worse than `{comparison.Base}` in {row.Name} ({row.Metric}): {ComparisonText.Difference(row, row.Difference)}, {ComparisonText.Interval(row)}, corrected p {ComparisonText.P(row.HolmP)}.\n");
            }

            foreach (ComparisonRow row in comparison.Rows.Where(row => row.Kind == ComparisonRowKind.Task && IsChance(row)))
            {
                text.Append(CultureInfo.InvariantCulture, $"- `{row.Model}` cannot be told from guessing in {row.Name} ({row.Metric} {ComparisonText.Estimate(row, row.Estimate)}, chance {ComparisonText.Value(row, row.Chance!.Value)}).\n");
            }

            text.Append(CultureInfo.InvariantCulture, $"- Nothing was measured but {string.Join(", ", comparison.Rows.Where(row => row.Kind == ComparisonRowKind.Task).Select(row => row.Name).Distinct())}. What the rows above do not show is not known.\n");
        }
        else
        {
            text.Append("- Nothing was measured. How it compares with its base is not known.\n");
        }

        if (facts.GgufFiles.Count > 0)
        {
            text.Append("- Quantized weights give other answers than those that they were made from; ").Append(
                facts.Comparison is null ? "by how much was not measured.\n" : "by how much is in the table where they were evaluated.\n");
        }

        text.Append("- What the card of the base says about bias and misuse holds here too.\n");
        return new CardSection("limits", text.ToString());
    }

    // Within two standard errors of what guessing scores.
    private static bool IsChance(ComparisonRow row) =>
        row.Chance is double chance && row.Estimate.StandardError is double error && Math.Abs(row.Estimate.Value - chance) <= 2 * error;
}
