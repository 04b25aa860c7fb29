using Lapidary.Workbench.Evaluation.Tasks.Scoring;

namespace Lapidary.Workbench.Evaluation.Tasks;

/// <summary>What was asked for by names: tasks and groups, as trees and as the tasks that have to be evaluated.</summary>
public sealed class TaskSelection
{
    internal TaskSelection(IReadOnlyList<TaskEntry> roots)
    {
        Roots = roots;
        Tasks = [.. TaskGroup.Walk(roots).OfType<EvaluationTask>().DistinctBy(task => task.Name)];
    }

    /// <summary>The tasks and groups that were named, in the order of the names.</summary>
    public IReadOnlyList<TaskEntry> Roots { get; }

    /// <summary>Each task once.</summary>
    public IReadOnlyList<EvaluationTask> Tasks { get; }

    /// <summary>All groups, each once, those that contain others first.</summary>
    public IReadOnlyList<TaskGroup> Groups => [.. TaskGroup.Walk(Roots).OfType<TaskGroup>().DistinctBy(group => group.Name)];

    /// <summary>This selection with further tasks behind its own.</summary>
    /// <exception cref="ArgumentException">A name stands for a task of the selection, or for two of the further ones.</exception>
    public TaskSelection With(IReadOnlyList<EvaluationTask> tasks)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        string? twice = Tasks.Concat(tasks).GroupBy(task => task.Name, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1)?.Key;
        return twice is null ? new TaskSelection([.. Roots, .. tasks]) : throw new ArgumentException($"Two tasks are called {Quotation.Of(twice)}.");
    }

    /// <summary>
    /// The metrics of the groups that have some: Σ wᵢ mᵢ / Σ wᵢ over the tasks, wᵢ being their number of documents or 1, with the
    /// standard error that the harness pools.
    /// </summary>
    /// <param name="scores">The scores of the tasks, by name; tasks without are left out.</param>
    public IReadOnlyList<GroupScores> ScoreGroups(IReadOnlyDictionary<string, TaskScores> scores)
    {
        ArgumentNullException.ThrowIfNull(scores);
        return [.. Groups.Where(group => group.Aggregates).Select(group => GroupAggregation.Score(group, scores))];
    }
}
