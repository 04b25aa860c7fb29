using System.Globalization;
using Lapidary.Workbench.Reports;

namespace Lapidary.Workbench.Compression;

/// <summary>Charts of a structured pruning, layer by layer.</summary>
public static class StructuredChart
{
    /// <summary>The name of the chart in the folder of the pruned model.</summary>
    public const string FileName = "pruning.svg";

    /// <summary>The scores of the layers, those that stay and those that go in two colours.</summary>
    /// <param name="scores">[layers].</param>
    /// <param name="kept">The layers that stay.</param>
    /// <param name="label">What the scores are, with their unit.</param>
    public static LineChart OfLayers(IReadOnlyList<double> scores, IReadOnlyCollection<int> kept, string label)
    {
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentNullException.ThrowIfNull(kept);
        ChartPoint[] all = [.. scores.Select((score, layer) => new ChartPoint(layer, score))];
        string[] dropped = [.. Enumerable.Range(0, scores.Count).Except(kept).Select(layer => layer.ToString(CultureInfo.InvariantCulture))];
        string facts = $"{kept.Count} of {scores.Count} layers stay";
        return new LineChart
        {
            Title = "Importance of the layers",
            Subtitle = facts,
            Description = $"{facts}. Left out: {string.Join(", ", dropped)}.",
            XLabel = "layer",
            Panels =
            [
                new ChartPanel(label,
                [
                    new ChartSeries(string.Empty, all) { Style = ChartSeriesStyle.Thin, Color = 0 },
                    new ChartSeries("kept", Only(all, kept.Contains)) { Style = ChartSeriesStyle.Points, Color = 0 },
                    new ChartSeries("left out", Only(all, layer => !kept.Contains(layer))) { Style = ChartSeriesStyle.Points, Color = 1 },
                ]) { FromZero = true },
            ],
        };
    }

    /// <summary>How much of the scores of each layer stays.</summary>
    /// <param name="plan">What stays.</param>
    /// <param name="importance">The scores.</param>
    public static LineChart OfShares(StructuredPlan plan, StructuredImportance importance)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(importance);
        var shares = new KeptShares(plan, importance);
        var series = new List<ChartSeries>();
        foreach ((string name, IReadOnlyList<double> values) in ((string, IReadOnlyList<double>)[]) [("neurons", shares.Neurons), ("heads", shares.Heads)])
        {
            if (values.Count > 0)
            {
                series.Add(new ChartSeries(name, [.. values.Select((share, layer) => new ChartPoint(layer, 100 * share))]) { Style = ChartSeriesStyle.Points });
            }
        }

        if (shares.Channels is double channels)
        {
            // The same channels in every layer.
            series.Add(new ChartSeries("channels", [.. plan.Layers.Select(layer => new ChartPoint(layer, 100 * channels))]));
        }

        string facts = $"{plan.Source.ParameterCount.ToString("N0", CultureInfo.InvariantCulture)} to "
            + $"{plan.Config.ParameterCount.ToString("N0", CultureInfo.InvariantCulture)} parameters";
        return new LineChart
        {
            Title = "Importance that stays in each layer",
            Subtitle = facts,
            Description = facts + ".",
            XLabel = "layer",
            Panels = [new ChartPanel("share of the scores, %", series) { FromZero = true }],
        };
    }

    // Points that are no number leave a gap.
    private static ChartPoint[] Only(ChartPoint[] points, Func<int, bool> shown) =>
        Array.ConvertAll(points, point => shown((int)point.X) ? point : point with { Y = double.NaN });
}
