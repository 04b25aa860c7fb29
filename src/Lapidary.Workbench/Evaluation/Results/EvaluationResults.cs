namespace Lapidary.Workbench.Evaluation.Results;

/// <summary>The outcome of one evaluation.</summary>
/// <param name="Run">Which model, how and when.</param>
/// <param name="Tasks">The tasks in the order in which they were run.</param>
/// <param name="Groups">The groups that they belong to; may be empty.</param>
public sealed record EvaluationResults(RunInfo Run, IReadOnlyList<TaskResult> Tasks, IReadOnlyList<GroupResult> Groups)
{
    /// <summary>What the accuracies of the tasks with choices are worth.</summary>
    public IReadOnlyList<ChoiceSummary> Choices { get; } = [.. Tasks.Select(ChoiceSummary.Of).OfType<ChoiceSummary>()];
}
