namespace Lapidary.Workbench.Reports;

/// <summary>An interval at one position of a series, such as a 95 % confidence interval.</summary>
/// <param name="X">Position along the horizontal axis.</param>
/// <param name="Low">Lower end of the interval.</param>
/// <param name="High">Upper end of the interval.</param>
public readonly record struct ChartBand(double X, double Low, double High);
