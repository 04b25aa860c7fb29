namespace Lapidary.Pebble.Evaluation;

/// <summary>The outcome of one test by one measure.</summary>
/// <param name="Test">The test.</param>
/// <param name="Measure">What was counted: see <see cref="Measures"/>.</param>
/// <param name="Result">How often.</param>
internal sealed record TestScore(string Test, string Measure, Proportion Result);
