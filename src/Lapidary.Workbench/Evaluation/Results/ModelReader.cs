using System.Text.Json;
using Lapidary.Checkpoints;

namespace Lapidary.Workbench.Evaluation.Results;

/// <summary>
/// Reads what a model scored: files of lm-evaluation-harness, ours, or a file of counts. Of several evaluations in one folder each task
/// comes from the newest that has it.
/// </summary>
internal static class ModelReader
{
    private const int Shown = 5;

    /// <summary>Reads a path.</summary>
    /// <param name="path">A results file, a samples file, a file of counts, or a folder of results.</param>
    /// <exception cref="CheckpointException">The files cannot be read or hold something else.</exception>
    public static ScoredModel Read(string path)
    {
        IReadOnlyList<ResultFileSet> sets = ResultFiles.Find(path);
        ScoredModel newest = Summary(sets[0], path);
        var warnings = new List<string>();
        var tasks = new List<ScoredTask>(WithItems(newest.Tasks, sets[0].Samples, warnings));
        var groups = new Dictionary<string, IReadOnlyList<string>>(newest.Groups, StringComparer.Ordinal);
        List<(ResultFileSet Set, int Tasks)> used = [(sets[0], tasks.Count)];
        foreach (ResultFileSet set in sets.Skip(1))
        {
            if (ReadOlder(set, path, newest.Name, warnings) is not { } older)
            {
                continue;
            }

            HashSet<string> known = [.. tasks.Select(task => task.Name)];
            List<ScoredTask> added = WithItems(
                [.. older.Tasks.Where(task => !known.Contains(task.Name))], [.. set.Samples.Where(sample => !known.Contains(sample.Task))], warnings);
            if (added.Count > 0)
            {
                tasks.AddRange(added.Select(task => task with { Settings = older.Settings }));
                used.Add((set, added.Count));
                foreach ((string group, IReadOnlyList<string> children) in older.Groups)
                {
                    groups.TryAdd(group, children);
                }
            }
        }

        if (used.Count > 1)
        {
            string from = string.Join(", ", used.Take(Shown).Select(entry => $"{entry.Tasks} from {entry.Set.Name}"));
            warnings.Insert(0, $"{path}: each task is taken from the newest of {used.Count} evaluations that has it: {from}{(used.Count > Shown ? ", ..." : string.Empty)}");
        }

        return newest with { Source = path, Tasks = tasks, Groups = groups, Warnings = warnings };
    }

    // A file of earlier days that is broken, or of another model, is no reason to refuse what is there now.
    private static ScoredModel? ReadOlder(ResultFileSet set, string path, string name, List<string> warnings)
    {
        try
        {
            ScoredModel older = Summary(set, path);
            if (older.Name == name)
            {
                return older;
            }

            warnings.Add($"{set.Name} is of another model, {older.Name}, and left out");
        }
        catch (CheckpointException thrown)
        {
            warnings.Add($"{set.Name} {thrown.Fact}, and is left out");
        }

        return null;
    }

    // What stands in the results file, without samples.
    private static ScoredModel Summary(ResultFileSet set, string path)
    {
        if (set.Results is not { } results)
        {
            return new ScoredModel(NameOf(set.Samples[0].Path), path) { Tasks = [] };
        }

        JsonElement root = ForeignJson.Read(results);
        return root.Member("results") is not null ? HarnessResults.Parse(root, results)
            : root.Member("tasks") is not null ? CountsFile.Parse(root, results)
            : throw new CheckpointException(results, "has neither \"results\" nor \"tasks\" where the results of an evaluation were expected");
    }

    // The folder that a file stands in carries the name of the model.
    private static string NameOf(string path) => Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(path))) is { Length: > 0 } folder
        ? folder
        : Path.GetFileName(path);

    private static List<ScoredTask> WithItems(
        IReadOnlyList<ScoredTask> tasks, IReadOnlyList<(string Task, string Path)> samples, List<string> warnings)
    {
        var result = tasks.ToList();
        foreach ((string name, string path) in samples)
        {
            IReadOnlyList<ScoredItems> items = SamplesReader.Read(path, warnings);
            int index = result.FindIndex(task => task.Name == name);
            if (index < 0)
            {
                result.Add(new ScoredTask(name) { Items = items });
            }
            else
            {
                result[index] = result[index] with { Items = items };
            }
        }

        return result;
    }
}
