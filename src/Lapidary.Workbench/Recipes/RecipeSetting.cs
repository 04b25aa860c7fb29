namespace Lapidary.Workbench.Recipes;

/// <summary>An option that a step of a recipe gives.</summary>
/// <param name="Option">The option.</param>
/// <param name="Values">Its values with variables filled in; an output of another step stands there as <c>${step}</c>.</param>
/// <param name="Line">The line it stands in, from 1.</param>
public sealed record RecipeSetting(StepOption Option, IReadOnlyList<string> Values, int Line);
