using System.Globalization;
using Lapidary.Workbench.Reports;

namespace Lapidary.Workbench.Compression.Collections;

/// <summary>The chart of a collection: size against divergence from the unquantized model, a dot a file.</summary>
internal static class CollectionChart
{
    /// <summary>The chart, or null where nothing was measured.</summary>
    public static LineChart? Create(CollectionFacts facts, IEnumerable<CollectionEntry> entries)
    {
        CollectionEntry[] measured = [.. entries.Where(entry => entry.Scores is { Divergence.Value: > 0 })];
        if (measured.Length == 0)
        {
            return null;
        }

        CollectionEntry best = measured.MinBy(entry => entry.Scores!.Divergence.Value)!, smallest = measured.MinBy(entry => entry.TensorBytes)!;
        return new LineChart
        {
            Title = $"{facts.Model}: size and divergence",
            Subtitle = "Mean Kullback-Leibler divergence of a prediction from the unquantized model; lower and further to the left is better.",
            Description = string.Create(
                CultureInfo.InvariantCulture,
                $"{measured.Length} files. {best.Type} with {best.BitsPerWeight:0.0} bits per weight diverges least, by {best.Scores!.Divergence.Value:0.000000}; "
                + $"{smallest.Type} is the smallest with {smallest.BitsPerWeight:0.0} and diverges by {smallest.Scores!.Divergence.Value:0.000000}."),
            XLabel = "bits per weight",
            Panels =
            [
                new ChartPanel("divergence, nats", [.. measured.Select(Dot)]) { LogarithmicY = true, Height = 420 },
            ],
        };
    }

    // A series of its own, so that its name stands at its height; mixes of super-blocks and plain types in a colour each.
    private static ChartSeries Dot(CollectionEntry entry) =>
        new(entry.Type, [new ChartPoint(entry.BitsPerWeight, entry.Scores!.Divergence.Value)])
        {
            Style = ChartSeriesStyle.Points, Color = entry.Type.Contains("_K", StringComparison.Ordinal) ? 1 : 0,
        };
}
