namespace Lapidary.Workbench.Recipes;

/// <summary>What became of a step.</summary>
/// <param name="Step">The step.</param>
/// <param name="Action">What was done.</param>
/// <param name="Seconds">How long that took; of a step that was reused how long it had taken.</param>
/// <param name="Bytes">The size of what it wrote.</param>
/// <param name="Sha256">What identifies its output: <see cref="ContentHash"/> of what other steps take.</param>
public sealed record StepOutcome(RecipeStep Step, StepAction Action, double Seconds, long Bytes, string Sha256);
