namespace Lapidary.Workbench.Recipes;

/// <summary>What a run will do with a step.</summary>
/// <param name="Step">The step.</param>
/// <param name="Action">What it will do.</param>
/// <param name="Reason">Why, as the rest of a sentence; empty where it is made for the first time.</param>
/// <param name="Seconds">How long it took the last time; null where it was never done.</param>
public sealed record StepPlan(RecipeStep Step, StepAction Action, string Reason, double? Seconds);
