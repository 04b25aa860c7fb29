namespace Lapidary.Workbench.Recipes;

/// <summary>A command that can be a step of a recipe.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it does, in a sentence.</param>
/// <param name="Options">Its options and arguments but the output, which the recipe decides.</param>
public sealed record StepCommand(string Name, string Description, IReadOnlyList<StepOption> Options)
{
    /// <summary>
    /// What stands behind the name of a step in the names of what it writes: nothing for a folder, <c>.gguf</c> for such a file. Several where
    /// the output is given several times; none where the result is only what the command prints.
    /// </summary>
    public required IReadOnlyList<string> Extensions { get; init; }

    /// <summary>The version of what it computes; another one makes finished steps stale.</summary>
    public required int ResultVersion { get; init; }

    /// <summary>The option with which it writes a folder instead; null where there is none.</summary>
    public string? FolderOption { get; init; }

    /// <summary>Whether it writes into what is there already, of which parts may be somebody's own.</summary>
    public bool KeepsOutput { get; init; }

    /// <summary>Whether an interrupted one goes on with <c>--resume</c>.</summary>
    public bool CanResume { get; init; }
}
