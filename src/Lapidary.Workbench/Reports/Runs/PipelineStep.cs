namespace Lapidary.Workbench.Reports.Runs;

/// <summary>A step in the picture of a run.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Detail">A few words below it.</param>
/// <param name="Needs">The steps that it was made from.</param>
/// <param name="Series">Which colour it has: the same for steps of the same sort.</param>
public sealed record PipelineStep(string Name, string Detail, IReadOnlyList<string> Needs, int Series);
