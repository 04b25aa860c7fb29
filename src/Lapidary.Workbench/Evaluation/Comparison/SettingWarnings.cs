using System.Globalization;
using Lapidary.Workbench.Evaluation.Results;

namespace Lapidary.Workbench.Evaluation.Comparison;

/// <summary>What differs between two evaluations beside the model, so that a difference of scores need not be one of models.</summary>
internal static class SettingWarnings
{
    private const int Shown = 5;

    /// <summary>The sentences.</summary>
    public static IEnumerable<string> Of(ScoredModel baseModel, ScoredModel model)
    {
        if (Path.GetFullPath(baseModel.Source) == Path.GetFullPath(model.Source))
        {
            yield return $"{baseModel.Name} and {model.Name} are the same files";
        }

        var tasks = model.Tasks.ToDictionary(task => task.Name, StringComparer.Ordinal);
        string[] alone =
        [
            .. baseModel.Tasks.Where(task => !tasks.ContainsKey(task.Name)).Select(task => task.Name),
            .. model.Tasks.Where(task => baseModel.Tasks.All(known => known.Name != task.Name)).Select(task => task.Name),
        ];
        if (alone.Length > 0)
        {
            yield return $"{List(alone)} {(alone.Length == 1 ? "is" : "are")} in only one of {baseModel.Name} and {model.Name} and left out";
        }

        ScoredTask[] common = [.. baseModel.Tasks.Where(task => tasks.ContainsKey(task.Name))];
        foreach ((string finding, List<string> names) in Findings(common, task => Differing(baseModel, task, model, tasks[task.Name])))
        {
            // Most often the whole run differs, and not single tasks of several runs.
            yield return names.Count == common.Length ? finding : $"{finding} in {List(names)}";
        }

        foreach ((string finding, List<string> names) in Findings(common, task => Of(baseModel.Name, task, model.Name, tasks[task.Name])))
        {
            yield return $"{finding} in {List(names)}";
        }
    }

    private static Dictionary<string, List<string>> Findings(ScoredTask[] tasks, Func<ScoredTask, IEnumerable<string>> of)
    {
        var findings = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (ScoredTask task in tasks)
        {
            foreach (string finding in of(task))
            {
                (findings.TryGetValue(finding, out List<string>? names) ? names : findings[finding] = []).Add(task.Name);
            }
        }

        return findings;
    }

    private static IEnumerable<string> Differing(ScoredModel baseModel, ScoredTask baseTask, ScoredModel model, ScoredTask task)
    {
        IReadOnlyDictionary<string, string> settings = task.Settings ?? model.Settings;
        foreach ((string name, string value) in baseTask.Settings ?? baseModel.Settings)
        {
            if (settings.TryGetValue(name, out string? other) && other != value)
            {
                yield return $"{baseModel.Name} and {model.Name} differ in {name}: {value} and {other}";
            }
        }
    }

    private static IEnumerable<string> Of(string baseName, ScoredTask baseTask, string name, ScoredTask task)
    {
        if (baseTask.FewShot is long baseShots && task.FewShot is long shots && baseShots != shots)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{baseName} was shown {baseShots} examples and {name} {shots}");
        }

        if (baseTask.Version is { } baseVersion && task.Version is { } version && baseVersion != version)
        {
            yield return $"{baseName} has version {baseVersion} and {name} version {version}";
        }

        foreach (ScoredItems baseItems in baseTask.Items)
        {
            if (task.Items.FirstOrDefault(items => items.Filter == baseItems.Filter) is { } items)
            {
                (int prompts, int golds) = Differing(baseItems, items);
                if (prompts > 0)
                {
                    yield return $"{baseName} and {name} were asked the same documents with different prompts";
                }

                if (golds > 0)
                {
                    yield return $"{baseName} and {name} have different right answers to the same documents";
                }
            }
        }
    }

    private static (int Prompts, int Golds) Differing(ScoredItems baseItems, ScoredItems items)
    {
        var index = new Dictionary<long, int>();
        for (int i = 0; i < items.Count; i++)
        {
            index[items.DocumentIds[i]] = i;
        }

        int prompts = 0;
        int golds = 0;
        for (int i = 0; i < baseItems.Count; i++)
        {
            if (index.TryGetValue(baseItems.DocumentIds[i], out int other))
            {
                prompts += baseItems.PromptHashes[i] is { } prompt && items.PromptHashes[other] is { } otherPrompt && prompt != otherPrompt ? 1 : 0;
                golds += baseItems.Golds is { } known && items.Golds is { } otherGolds && known[i] != otherGolds[other] ? 1 : 0;
            }
        }

        return (prompts, golds);
    }

    /// <summary>The first names and how many more there are.</summary>
    public static string List(IReadOnlyList<string> names) => names.Count <= Shown
        ? string.Join(", ", names)
        : string.Create(CultureInfo.InvariantCulture, $"{string.Join(", ", names.Take(Shown))} and {names.Count - Shown} more");
}
