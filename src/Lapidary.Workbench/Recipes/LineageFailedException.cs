namespace Lapidary.Workbench.Recipes;

/// <summary>A command of a lineage failed. What was wrong it has said itself.</summary>
/// <param name="path">The lineage.</param>
/// <param name="command">The command.</param>
/// <param name="exitCode">How it ended: 1 where the work failed, 2 where the request was wrong.</param>
public sealed class LineageFailedException(string path, string command, int exitCode)
    : Exception($"{path}: '{command}' failed when it was run again")
{
    /// <summary>How the command ended.</summary>
    public int ExitCode { get; } = exitCode;
}
