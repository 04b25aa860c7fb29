namespace Lapidary.Workbench.Evaluation.Results;

/// <summary>A task as results files have it.</summary>
/// <param name="Name">Its name.</param>
internal sealed record ScoredTask(string Name)
{
    /// <summary>The metrics of the results file; empty where there are samples alone.</summary>
    public IReadOnlyList<ScoredMetric> Metrics { get; init; } = [];

    /// <summary>The documents, for each filter; empty where there are no samples.</summary>
    public IReadOnlyList<ScoredItems> Items { get; init; } = [];

    /// <summary>The number of documents of the split; null where that is not known.</summary>
    public long? OriginalCount { get; init; }

    /// <summary>The number of documents that were evaluated; null where that is not known.</summary>
    public long? EffectiveCount { get; init; }

    /// <summary>The number of examples in each prompt; null where that is not known.</summary>
    public long? FewShot { get; init; }

    /// <summary>Settings of the run that scored it, where they are not those of the model's newest one.</summary>
    public IReadOnlyDictionary<string, string>? Settings { get; init; }

    /// <summary>The version of the task; null where that is not known.</summary>
    public string? Version { get; init; }
}
