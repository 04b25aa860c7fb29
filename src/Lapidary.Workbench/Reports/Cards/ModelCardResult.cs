using Lapidary.Workbench.Evaluation.Comparison;

namespace Lapidary.Workbench.Reports.Cards;

/// <summary>A card that was written.</summary>
/// <param name="Path">The card.</param>
/// <param name="Files">What was written beside it, by name, the card first.</param>
/// <param name="Edited">Sections that somebody had changed, and that stayed as they were.</param>
/// <param name="Comparison">What was compared; null where nothing was.</param>
public sealed record ModelCardResult(string Path, IReadOnlyList<string> Files, IReadOnlyList<string> Edited, ComparisonResult? Comparison);
