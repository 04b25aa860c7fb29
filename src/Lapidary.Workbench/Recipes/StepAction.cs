namespace Lapidary.Workbench.Recipes;

/// <summary>What a run does with a step.</summary>
public enum StepAction
{
    /// <summary>It is done and stays: neither its inputs nor its options nor what the program computes have changed.</summary>
    Reuse,

    /// <summary>It was interrupted and goes on.</summary>
    Resume,

    /// <summary>It is made.</summary>
    Make,
}
