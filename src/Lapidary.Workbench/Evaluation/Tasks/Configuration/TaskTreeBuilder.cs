using Lapidary.Workbench.Evaluation.Tasks.Yaml;

namespace Lapidary.Workbench.Evaluation.Tasks.Configuration;

/// <summary>Makes tasks and groups of the mappings of an index, each task once.</summary>
internal sealed class TaskTreeBuilder(
    TaskFiles files, IReadOnlyDictionary<string, YamlNode> entries, IReadOnlyDictionary<string, IReadOnlyList<string>> tags)
{
    private const int Deepest = 16;
    private const int MostChildren = 20_000;

    // Each task keeps what its file says, includes and aliases written out; those that come along have some 10,000 nodes together.
    private const long MostNodes = 1_000_000;

    private readonly Dictionary<string, TaskEntry> built = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (EvaluationTask Task, YamlNode Map)> tasks = new(StringComparer.Ordinal);
    private readonly List<string> open = [];
    private int children;
    private long nodes;

    /// <summary>Whether a mapping defines a group, and not a task.</summary>
    public static bool IsGroup(YamlNode map) =>
        map.Find("task") is { Kind: YamlKind.List } || (map.Find("task") is null && map.Find("group") is not null);

    /// <summary>The task, the group, or the tasks of the tag of a name.</summary>
    /// <exception cref="TaskFileException">A mapping cannot be used.</exception>
    public IReadOnlyList<TaskEntry> Build(string name) =>
        entries.TryGetValue(name, out YamlNode? map) ? [BuildNamed(name, map)] : [.. tags[name].SelectMany(Build)];

    private TaskEntry BuildNamed(string name, YamlNode map)
    {
        if (!built.TryGetValue(name, out TaskEntry? entry))
        {
            entry = IsGroup(map) ? BuildGroup(name, map, null) : BuildTask(name, map);
            built.Add(name, entry);
        }

        return entry;
    }

    private EvaluationTask BuildTask(string name, YamlNode map)
    {
        if (tasks.TryGetValue(name, out (EvaluationTask Task, YamlNode Map) known))
        {
            return ReferenceEquals(known.Map, map) || known.Task.Configuration.Source.ToJsonString() == Read(name, map).Source.ToJsonString()
                ? known.Task
                : throw new ArgumentException($"The task {name} is asked for twice with different settings.");
        }

        var task = new EvaluationTask(Read(name, map));
        tasks.Add(name, (task, map));
        return task;
    }

    private TaskConfiguration Read(string name, YamlNode map)
    {
        map = files.Resolve(map);
        nodes += map.Size;
        return nodes <= MostNodes ? TaskReader.Read(map, name)
            : throw map.Fail($"the tasks that are asked for have more than {MostNodes} nodes, includes and aliases written out");
    }

    private TaskGroup BuildGroup(string name, YamlNode map, YamlNode? over)
    {
        if (open.Contains(name) || open.Count > Deepest)
        {
            throw map.Fail($"the group {Quotation.Of(name)} contains itself, or groups nest more than {Deepest} deep");
        }

        open.Add(name);
        map = files.Resolve(map);
        TaskKeys.Check(map, "a group", TaskKeys.Group);
        var members = new List<TaskEntry>();
        foreach (YamlNode child in map.ListOrOne("task"))
        {
            if (++children > MostChildren)
            {
                throw child.Fail($"the groups have more than {MostChildren} entries");
            }

            members.AddRange(BuildChild(child, over));
        }

        open.RemoveAt(open.Count - 1);
        return members.Count > 0
            ? new TaskGroup(name, over?.Text("group_alias") ?? map.Text("group_alias"), map.Map("metadata")?.Find("version")?.ToJson(), members, ReadMetrics(map))
            : throw map.Fail($"the group {Quotation.Of(name)} has no tasks");
    }

    private IReadOnlyList<TaskEntry> BuildChild(YamlNode child, YamlNode? over)
    {
        switch (child.Kind)
        {
            case YamlKind.Text:
                return over is null ? BuildKnown(child, child.Text) : BuildOver(child, child.Text, over);
            case YamlKind.Map when IsGroup(child):
                return [BuildGroup(child.RequireText("group", "a group within a group"), child, over)];
            case YamlKind.Map:
                YamlNode both = over is null ? child : Merge(over, child);
                return BuildOver(child, child.RequireText("task", "a task within a group"), both);
            default:
                throw child.Fail($"the name of a task or a mapping was expected in a group but {child.Description} was found");
        }
    }

    private IReadOnlyList<TaskEntry> BuildKnown(YamlNode child, string name) =>
        entries.ContainsKey(name) || tags.ContainsKey(name)
            ? Build(name)
            : throw child.Fail($"no task, group or tag is called {Quotation.Of(name)}{NearestName.Hint(name, entries.Keys.Concat(tags.Keys), TaskLibrary.SeeAll)}");

    // What stands beside the name of a known task or group wins over what its own file says; of an unknown one it is the definition.
    private IReadOnlyList<TaskEntry> BuildOver(YamlNode child, string name, YamlNode over)
    {
        if (!entries.TryGetValue(name, out YamlNode? map))
        {
            return tags.TryGetValue(name, out IReadOnlyList<string>? tagged) ? [.. tagged.SelectMany(task => BuildOver(child, task, over))]
                : over.Find("dataset_path") is not null || over.Find("include") is not null ? [BuildTask(name, over)]
                : BuildKnown(child, name);
        }

        YamlNode settings = YamlNode.Map(over.File, over.Line, new(over.Entries.Where(entry => entry.Key is not "task"), StringComparer.Ordinal));
        return IsGroup(map)
            ? [BuildGroup(name, map, settings)]
            : [BuildTask(name, Merge(files.Resolve(map), settings))];
    }

    private static YamlNode Merge(YamlNode map, YamlNode over)
    {
        var merged = new OrderedDictionary<string, YamlNode>(map.Entries, StringComparer.Ordinal);
        foreach ((string key, YamlNode value) in over.Entries)
        {
            merged[key] = value;
        }

        return YamlNode.Map(map.File, map.Line, merged);
    }

    private static IReadOnlyList<GroupMetric> ReadMetrics(YamlNode map) => [.. map.Maps("aggregate_metric_list").Select(ReadMetric)];

    private static GroupMetric ReadMetric(YamlNode node)
    {
        TaskKeys.Check(node, "a metric of a group", TaskKeys.Aggregate);
        string aggregation = node.Text("aggregation") ?? "mean";
        if (aggregation != "mean")
        {
            throw node.Find("aggregation")!.Fail($"{Quotation.Of(aggregation)} is no aggregation of groups; the only one is 'mean'");
        }

        IReadOnlyList<string> filters = node.Texts("filter_list");
        return new GroupMetric(node.RequireText("metric", "a metric of a group"), filters.Count > 0 ? filters : ["none"], node.Boolean("weight_by_size") ?? true);
    }
}
