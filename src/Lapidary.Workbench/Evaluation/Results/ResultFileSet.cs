namespace Lapidary.Workbench.Evaluation.Results;

/// <summary>The files of one evaluation, which carry the same time in their names.</summary>
/// <param name="Results">The results file; null where there are samples alone.</param>
/// <param name="Samples">The samples files with their tasks.</param>
internal sealed record ResultFileSet(string? Results, IReadOnlyList<(string Task, string Path)> Samples)
{
    /// <summary>What messages call the evaluation.</summary>
    public string Name => Path.GetFileName(Results ?? Samples[0].Path);
}
