using Lapidary.Workbench.Evaluation.Statistics;

namespace Lapidary.Workbench.Reports;

/// <summary>The reliability plot: the share of right answers over the confidence that a model had in them.</summary>
internal static class ReliabilityPlot
{
    /// <summary>Draws a line for each model, and the diagonal where confidence is what it should be.</summary>
    /// <param name="models">The models with their calibrations.</param>
    public static LineChart Of(IReadOnlyList<(string Name, Calibration Calibration)> models)
    {
        var diagonal = new ChartSeries(string.Empty, [new ChartPoint(0, 0), new ChartPoint(1, 1)]) { Style = ChartSeriesStyle.Thin, Color = 5 };
        return new LineChart
        {
            Title = "Calibration",
            Subtitle = "share of right answers among those of a confidence; the faint line is what they should be",
            XLabel = "confidence: probability of the chosen answer among the choices",
            Panels =
            [
                new ChartPanel("right", [diagonal, .. models.Select((model, i) => new ChartSeries(
                    FormattableString.Invariant($"{model.Name}, error {100 * model.Calibration.ExpectedError:0.0}"),
                    [.. model.Calibration.Bins.Where(bin => bin.Count > 0).Select(bin => new ChartPoint(bin.Confidence, bin.Accuracy))])
                {
                    Style = ChartSeriesStyle.Points,
                    Color = i,
                })]) { FromZero = true, Height = 420 },
            ],
        };
    }
}
