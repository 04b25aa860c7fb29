namespace Lapidary.Workbench.Reports;

/// <summary>A point of a series, in the units of its axes. Points that are not finite leave a gap in the line.</summary>
/// <param name="X">Position along the horizontal axis.</param>
/// <param name="Y">Position along the vertical axis.</param>
public readonly record struct ChartPoint(double X, double Y);
