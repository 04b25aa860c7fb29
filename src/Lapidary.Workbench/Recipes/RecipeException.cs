using Lapidary.Checkpoints;

namespace Lapidary.Workbench.Recipes;

/// <summary>A recipe that cannot be run. Its message names every mistake.</summary>
public sealed class RecipeException : CheckpointException
{
    /// <summary>The mistakes of a recipe.</summary>
    /// <param name="file">The recipe.</param>
    /// <param name="faults">What is wrong with it: one mistake at least.</param>
    public RecipeException(string file, IReadOnlyList<RecipeFault> faults)
        : base(file, string.Join("; ", faults.OrderBy(fault => fault.Line).Select(fault => $"line {fault.Line}: {fault.Sentence}")))
    {
        Faults = [.. faults.OrderBy(fault => fault.Line)];
    }

    /// <summary>What is wrong, in the order of the lines.</summary>
    public IReadOnlyList<RecipeFault> Faults { get; }
}
