namespace Lapidary.Workbench.Recipes;

/// <summary>A step of a recipe that failed. What was wrong it has said itself.</summary>
public sealed class StepFailedException : Exception
{
    /// <summary>The failure of a step.</summary>
    /// <param name="step">The step.</param>
    /// <param name="exitCode">How its command ended: 1 where the work failed, 2 where the request was wrong.</param>
    public StepFailedException(RecipeStep step, int exitCode)
        : base($"the step '{step?.Name}' failed; the steps before it are done and stay")
    {
        ArgumentNullException.ThrowIfNull(step);
        Step = step;
        ExitCode = exitCode;
    }

    /// <summary>The step.</summary>
    public RecipeStep Step { get; }

    /// <summary>How its command ended.</summary>
    public int ExitCode { get; }
}
