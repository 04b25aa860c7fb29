namespace Lapidary.Workbench.Reports;

/// <summary>One series of a chart.</summary>
/// <param name="Name">What stands beside the end of its line.</param>
/// <param name="Points">Its points, in any order and of any number; those that share a column of pixels are drawn as one stroke.</param>
public sealed record ChartSeries(string Name, IReadOnlyList<ChartPoint> Points)
{
    /// <summary>How it is drawn.</summary>
    public ChartSeriesStyle Style { get; init; }

    /// <summary>Which colour it has, from 0; series of one number share a colour. Null: its position among those that are not thin.</summary>
    public int? Color { get; init; }

    /// <summary>Intervals that are shaded behind the line; empty for none.</summary>
    public IReadOnlyList<ChartBand> Band { get; init; } = [];
}
