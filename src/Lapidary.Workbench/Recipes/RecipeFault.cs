namespace Lapidary.Workbench.Recipes;

/// <summary>A mistake in a recipe.</summary>
/// <param name="Line">The line it stands in, from 1.</param>
/// <param name="Sentence">What was expected and what was found.</param>
public sealed record RecipeFault(int Line, string Sentence);
