namespace Lapidary.Workbench.Recipes;

/// <summary>A recipe: named steps, each one call of a command, in an order in which they can be done.</summary>
/// <param name="Path">The file.</param>
/// <param name="Title">What it is called.</param>
/// <param name="Variables">The variables with their values for this run.</param>
/// <param name="Steps">The steps, each behind those that it needs.</param>
public sealed record Recipe(
    string Path, string Title, IReadOnlyDictionary<string, string> Variables, IReadOnlyList<RecipeStep> Steps)
{
    /// <summary>What it is for; empty where it does not say so.</summary>
    public string Description { get; init; } = string.Empty;
}
