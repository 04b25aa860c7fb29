using System.Text.RegularExpressions;
using Lapidary.Checkpoints;

namespace Lapidary.Workbench.Evaluation.Results;

/// <summary>Finds the files of one evaluation: those that carry the same time in their names.</summary>
internal static partial class ResultFiles
{
    /// <summary>More files than a folder of results has.</summary>
    private const int FileLimit = 100_000;

    /// <summary>More evaluations than anybody keeps of one model; older ones are not looked into.</summary>
    private const int SetLimit = 1_000;

    /// <summary>The evaluations of a path, the newest first; at least one.</summary>
    /// <param name="path">
    /// A results file, a samples file, a file of counts, or a folder: there, or one level below, all evaluations are taken, by their
    /// results files, or by their samples files where there is no results file.
    /// </param>
    /// <exception cref="CheckpointException">There is no such file, or the folder holds the results of several models.</exception>
    public static IReadOnlyList<ResultFileSet> Find(string path)
    {
        if (!Directory.Exists(path))
        {
            return path.EndsWith(".jsonl", StringComparison.OrdinalIgnoreCase)
                ? [new ResultFileSet(null, [(TaskOf(path), path)])]
                : [new ResultFileSet(path, TimeOf(path) is { } own ? [.. SamplesByTime(Path.GetDirectoryName(Path.GetFullPath(path))!)[own]] : [])];
        }

        string[] folders = [path, .. List(path, Directory.EnumerateDirectories).Order(StringComparer.Ordinal)];
        string[] withResults = [.. folders.Where(folder => Times(folder, ResultsName()).Any())];
        Regex name = withResults.Length > 0 ? ResultsName() : SamplesName();
        string chosen = withResults.Length > 0 && withResults[0] == path ? path
            : Single(path, withResults.Length > 0 ? withResults : [.. folders.Where(folder => Times(folder, name).Any())]);
        ILookup<string, (string Task, string Path)> samples = SamplesByTime(chosen);
        return
        [
            .. Times(chosen, name)
                .Distinct(StringComparer.Ordinal)
                .OrderDescending(StringComparer.Ordinal)
                .Take(SetLimit)
                .Select(time => new ResultFileSet(withResults.Length > 0 ? Path.Combine(chosen, $"results_{time}.json") : null, [.. samples[time]])),
        ];
    }

    private static string Single(string path, string[] folders) => folders.Length switch
    {
        0 => throw new CheckpointException(path, "has neither results_*.json nor samples_*.jsonl in it where the results of an evaluation were expected"),
        1 => folders[0],
        _ => throw new CheckpointException(
            path, $"holds results of several models ({string.Join(", ", folders.Take(3).Select(Path.GetFileName))}{(folders.Length > 3 ? ", ..." : string.Empty)}) where those of one were expected"),
    };

    private static IEnumerable<string> Times(string folder, Regex name) =>
        List(folder, Directory.EnumerateFiles).Select(file => Time(file, name)).OfType<string>();

    private static ILookup<string, (string Task, string Path)> SamplesByTime(string folder) =>
        List(folder, Directory.EnumerateFiles)
            .Order(StringComparer.Ordinal)
            .Select(file => (Time: Time(file, SamplesName()), File: file))
            .Where(sample => sample.Time is not null)
            .ToLookup(sample => sample.Time!, sample => (TaskOf(sample.File), sample.File), StringComparer.Ordinal);

    // The time of a results file may stand behind any name that the user gave.
    private static string? TimeOf(string path) => Time(path, ResultsName()) ?? Time(path, NamedResults());

    private static string? Time(string file, Regex name) =>
        name.Match(Path.GetFileName(file)) is { Success: true } match ? match.Groups["time"].Value : null;

    private static string TaskOf(string path) => SamplesName().Match(Path.GetFileName(path)) is { Success: true } match
        ? match.Groups["task"].Value
        : Path.GetFileNameWithoutExtension(path).StartsWith("samples_", StringComparison.Ordinal)
            ? Path.GetFileNameWithoutExtension(path)["samples_".Length..]
            : Path.GetFileNameWithoutExtension(path);

    private static List<string> List(string folder, Func<string, IEnumerable<string>> enumerate)
    {
        try
        {
            List<string> entries = [.. enumerate(folder).Take(FileLimit + 1)];
            return entries.Count <= FileLimit ? entries
                : throw new CheckpointException(folder, $"has more than the {FileLimit} files that a folder of results may have");
        }
        catch (Exception thrown) when (thrown is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(folder, $"cannot be listed: {thrown.Message.TrimEnd('.')}", thrown);
        }
    }

    [GeneratedRegex(@"^results_(?<time>\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d(\.\d+)?)\.json$", RegexOptions.CultureInvariant)]
    private static partial Regex ResultsName();

    [GeneratedRegex(@"^.+_(?<time>\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d(\.\d+)?)\.json$", RegexOptions.CultureInvariant)]
    private static partial Regex NamedResults();

    [GeneratedRegex(@"^samples_(?<task>.+)_(?<time>\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d(\.\d+)?)\.jsonl$", RegexOptions.CultureInvariant)]
    private static partial Regex SamplesName();
}
