namespace Lapidary.Workbench.Reports;

/// <summary>One of the plots of a chart, which stand below each other over one horizontal axis.</summary>
/// <param name="YLabel">What the vertical axis shows, with its unit.</param>
/// <param name="Series">What is drawn.</param>
public sealed record ChartPanel(string YLabel, IReadOnlyList<ChartSeries> Series)
{
    /// <summary>Whether the vertical axis is logarithmic; values that are not positive are then left out.</summary>
    public bool LogarithmicY { get; init; }

    /// <summary>Whether the vertical axis begins at zero; of no effect on a logarithmic one.</summary>
    public bool FromZero { get; init; }

    /// <summary>Height of the plot in pixels at the chart's natural size.</summary>
    public double Height { get; init; } = 300;
}
