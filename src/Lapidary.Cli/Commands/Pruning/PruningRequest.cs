namespace Lapidary.Cli.Commands.Pruning;

/// <summary>What every method of <c>prune</c> is told.</summary>
/// <param name="Model">The model as the user named it.</param>
/// <param name="Path">Where it is.</param>
/// <param name="Output">The folder to write.</param>
/// <param name="TextPath">The calibration text, or null.</param>
/// <param name="Threads">Worker threads.</param>
/// <param name="Overwrite">Whether the folder may hold files.</param>
internal sealed record PruningRequest(
    string Model, string Path, string Output, string? TextPath, int Threads, bool Overwrite);
