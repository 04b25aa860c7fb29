using System.Globalization;
using Lapidary.Checkpoints;
using Lapidary.Workbench.Training;

namespace Lapidary.Workbench.Reports;

/// <summary>
/// The chart of a training run from its <c>metrics.jsonl</c>: loss of the single steps as a faint line, smoothed as a strong one, the
/// validations as points, the learning rate in a panel below, and where zeros are held their share in another.
/// </summary>
public static class LossChart
{
    /// <summary>The name of the file in the folder of a run.</summary>
    public const string FileName = "loss.svg";

    // The smoothed line averages over about one part in this many of the run, to either side.
    private const int SmoothingShare = 100;

    /// <summary>Writes <c>loss.svg</c> into the folder of a run; a chart that is there is replaced at once.</summary>
    /// <param name="runFolder">The folder, with <c>metrics.jsonl</c> in it.</param>
    /// <param name="title">What stands above the chart.</param>
    /// <returns>The path of the chart.</returns>
    /// <exception cref="CheckpointException">The metrics cannot be read or the chart cannot be written.</exception>
    public static string Write(string runFolder, string title = "Training loss")
    {
        LineChart chart = Create(MetricsLog.Read(Path.Combine(runFolder, MetricsLog.FileName)), title);
        using var output = new OutputFolder(runFolder, overwrite: true);
        output.Write(FileName, chart.ToBytes());
        output.Commit();
        return Path.Combine(runFolder, FileName);
    }

    /// <summary>Makes the chart from the entries of a log.</summary>
    /// <param name="entries">The entries, by ascending step.</param>
    /// <param name="title">What stands above the chart.</param>
    public static LineChart Create(IEnumerable<MetricsEntry> entries, string title)
    {
        var losses = new List<ChartPoint>();
        var rates = new List<ChartPoint>();
        var validations = new List<ChartPoint>();
        var sparsities = new List<ChartPoint>();
        long steps = 0;
        long tokens = 0;
        foreach (MetricsEntry entry in entries)
        {
            Add(losses, entry.Step, entry.Loss);
            Add(rates, entry.Step, entry.LearningRate);
            Add(validations, entry.Step, entry.ValidationLoss);
            Add(sparsities, entry.Step, entry.Sparsity);
            steps = Math.Max(steps, entry.Step);
            tokens = Math.Max(tokens, entry.Tokens ?? 0);
        }

        List<ChartPoint> smoothed = Smooth(losses);
        var series = new List<ChartSeries>
        {
            new(string.Empty, losses) { Style = ChartSeriesStyle.Thin, Color = 0 },
            new(Named("training", smoothed), smoothed) { Color = 0 },
        };
        if (validations.Count > 0)
        {
            string name = Named("validation", validations);
            series.Add(new ChartSeries(name, validations) { Style = ChartSeriesStyle.Points, Color = 1 });
        }

        var panels = new List<ChartPanel> { new("loss, nats per token", series) };
        if (rates.Count > 0)
        {
            var rate = new ChartSeries(string.Empty, rates) { Color = 2 };
            panels.Add(new ChartPanel("learning rate", [rate]) { FromZero = true, Height = 80 });
        }

        if (sparsities.Count > 0)
        {
            var share = new ChartSeries(string.Empty, sparsities) { Color = 3 };
            panels.Add(new ChartPanel("sparsity", [share]) { FromZero = true, Height = 80 });
        }

        string facts = Facts(steps, tokens, validations);
        return new LineChart
        {
            Title = title,
            Subtitle = facts + " \u00B7 faint: single steps, strong: smoothed",
            Description = $"{facts}. {Course("training loss", losses, smoothed)}{Course("validation loss", validations, validations)}".TrimEnd(),
            XLabel = "step",
            Panels = panels,
        };
    }

    private static void Add(List<ChartPoint> points, long step, double? value)
    {
        if (value is double number)
        {
            points.Add(new ChartPoint(step, number));
        }
    }

    // Exponential averages from the left and from the right, put together by their weights: one from the left alone lags behind a loss
    // that falls steeply, and would draw it too high. At the end of the run it is the one from the left.
    private static List<ChartPoint> Smooth(List<ChartPoint> points)
    {
        // A moving average of a span of n steps has the decay 1 - 2 / (n + 1).
        double span = Math.Max(1, points.Count / (double)SmoothingShare);
        double decay = 1 - (2 / (span + 1));
        var fromRight = new (double Sum, double Weight)[points.Count];
        var average = new ExponentialAverage(decay);
        for (int i = points.Count - 1; i >= 0; i--)
        {
            // Without the point itself, which the other side counts.
            fromRight[i] = (average.Sum * decay, average.Weight * decay);
            average.Add(points[i].Y);
        }

        average = new ExponentialAverage(decay);
        var smoothed = new List<ChartPoint>(points.Count);
        for (int i = 0; i < points.Count; i++)
        {
            average.Add(points[i].Y);
            smoothed.Add(points[i] with { Y = (average.Sum + fromRight[i].Sum) / (average.Weight + fromRight[i].Weight) });
        }

        return smoothed;
    }

    private static string Named(string name, List<ChartPoint> points) => points.Count == 0 ? name : $"{name} {Value(points[^1].Y)}";

    private static string Facts(long steps, long tokens, List<ChartPoint> validations)
    {
        string facts = $"{Count(steps)} steps";
        if (tokens > 0)
        {
            facts += $" \u00B7 {Count(tokens)} tokens";
        }

        ChartPoint[] finite = [.. validations.Where(point => double.IsFinite(point.Y))];
        if (finite.Length == 0)
        {
            return facts;
        }

        ChartPoint best = finite.MinBy(point => point.Y);
        return facts + $" \u00B7 best validation loss {Value(best.Y)} at step {Count((long)best.X)}";
    }

    private static string Course(string name, List<ChartPoint> first, List<ChartPoint> last) =>
        first.Count == 0 ? string.Empty : $"The {name} goes from {Value(first[0].Y)} to {Value(last[^1].Y)}. ";

    private static string Value(double value) => value.ToString(
        Math.Abs(value) switch { >= 100 => "0", >= 1 => "0.00", >= 0.01 => "0.0000", _ => "0.##e+0" }, CultureInfo.InvariantCulture);

    private static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
