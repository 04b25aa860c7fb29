namespace Lapidary.Workbench.Reports;

/// <summary>How a series is drawn.</summary>
public enum ChartSeriesStyle
{
    /// <summary>A line.</summary>
    Line,

    /// <summary>A faint line without a label, behind the others: the raw numbers that a smoothed series was made of.</summary>
    Thin,

    /// <summary>A line with a dot at every point, for few points: evaluations.</summary>
    Points,
}
