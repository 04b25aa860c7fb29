namespace Lapidary.Workbench.Recipes;

/// <summary>A step of a recipe: one call of a command.</summary>
/// <param name="Name">Its name, by which other steps take what it makes.</param>
/// <param name="Command">The command.</param>
/// <param name="Settings">The options that are given, in the order of the file.</param>
/// <param name="Line">The line it begins in, from 1.</param>
public sealed record RecipeStep(string Name, StepCommand Command, IReadOnlyList<RecipeSetting> Settings, int Line)
{
    /// <summary>The steps whose output goes in.</summary>
    public required IReadOnlyList<string> Needs { get; init; }

    /// <summary>
    /// The names of what it writes, in the folder of the run. The first one is what other steps take by <c>${name}</c>; the last one is what the
    /// command prints as JSON.
    /// </summary>
    public required IReadOnlyList<string> Outputs { get; init; }
}
