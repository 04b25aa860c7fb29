using Lapidary.Checkpoints;
using Lapidary.Workbench.Evaluation.Tasks.Configuration;

namespace Lapidary.Workbench.Evaluation.Markers;

/// <summary>Lists of markers: texts whose presence in an answer tells what kind of answer it is, such as that it declines.</summary>
public static class MarkerList
{
    /// <summary>The most markers of a list.</summary>
    public const int MostMarkers = 10_000;

    /// <summary>The longest marker, in characters.</summary>
    public const int LongestMarker = 1_000;

    private const string RefusalsFile = TaskFiles.BuiltInRoot + "/refusals/markers.txt";

    // A list of the most markers of some words.
    private const int MostBytes = 1 << 20;

    /// <summary>The markers of refusals that the task <c>refusals</c> counts.</summary>
    public static IReadOnlyList<string> Refusals { get; } = Parse(TaskFiles.ReadText(RefusalsFile, MostBytes), RefusalsFile);

    /// <summary>The markers of a file in UTF-8, one in each line; blank lines are passed over.</summary>
    /// <exception cref="CheckpointException">The file cannot be read, is no UTF-8, or has no marker, too many or one that is too long.</exception>
    public static IReadOnlyList<string> Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Parse(PromptFile.ReadText(path, MostBytes), path);
    }

    /// <summary>The markers of a file that a task file names, which lies in the same folder.</summary>
    /// <exception cref="CheckpointException">As of <see cref="Read"/>.</exception>
    internal static IReadOnlyList<string> ReadBeside(string taskFile, string name)
    {
        string path = taskFile[..(taskFile.LastIndexOfAny(['/', '\\']) + 1)] + name;
        return TaskFiles.IsBuiltIn(path) ? Parse(TaskFiles.ReadText(path, MostBytes), path) : Read(path);
    }

    /// <summary>What is wrong with markers, as the rest of a sentence; null where nothing is.</summary>
    internal static string? Fault(IReadOnlyList<string> markers) =>
        markers.Count is 0 or > MostMarkers ? $"has {markers.Count} markers where 1 to {MostMarkers} were expected"
        : markers.Any(marker => marker.Length > LongestMarker) ? $"has a marker of more than {LongestMarker} characters"

        // It would be part of every answer.
        : markers.Any(marker => MarkerSearch.Prepare(marker).Length == 0) ? "has a marker of nothing but white space and asterisks"
        : null;

    private static string[] Parse(string text, string path)
    {
        string[] markers = text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return Fault(markers) is { } fault ? throw new CheckpointException(path, fault) : markers;
    }
}
