namespace Lapidary.Workbench.Evaluation.Texts;

/// <summary>A number that was estimated, and how far one standard error reaches.</summary>
/// <param name="Value">The estimate.</param>
/// <param name="Uncertainty">The standard error.</param>
public readonly record struct UncertainValue(double Value, double Uncertainty);
