using System.Globalization;
using System.Text.Json;
using Lapidary.Checkpoints;

namespace Lapidary.Workbench.Evaluation.Results;

/// <summary>Reads the object of a results file of lm-evaluation-harness, or of ours.</summary>
internal static class HarnessResults
{
    private const string ErrorMark = "_stderr,";

    // Settings that change what a model is asked or how its answer is scored.
    private static readonly (string Key, string Name)[] RunSettings =
    [
        ("limit", "limit"), ("gen_kwargs", "generation settings"), ("fewshot_seed", "few-shot seed"),
        ("model_dtype", "type of the weights"), ("modes", "modes"),
    ];

    /// <summary>Reads the object.</summary>
    /// <exception cref="CheckpointException">It is none of a results file.</exception>
    public static ScoredModel Parse(JsonElement root, string path)
    {
        if (root.Member("results") is not { ValueKind: JsonValueKind.Object } results)
        {
            throw new CheckpointException(path, "has no object \"results\" where the results of an evaluation were expected");
        }

        Dictionary<string, IReadOnlyList<string>> groups = Groups(root);
        HashSet<string> grouped = [.. root.Member("groups").Members().Select(group => group.Name)];
        ScoredTask[] tasks =
        [
            .. results.EnumerateObject()
                .Where(task => task.Value.ValueKind == JsonValueKind.Object && !groups.ContainsKey(task.Name) && !grouped.Contains(task.Name))
                .DistinctBy(task => task.Name)
                .Select(task => Task(root, task)),
        ];
        return new ScoredModel(ModelName(root, path), path) { Tasks = tasks, Groups = groups, Settings = Settings(root) };
    }

    private static ScoredTask Task(JsonElement root, JsonProperty task)
    {
        JsonElement? samples = root.Member("n-samples")?.Member(task.Name);
        long? effective = samples?.Member("effective").Count();
        JsonElement? directions = root.Member("higher_is_better")?.Member(task.Name);
        return new ScoredTask(task.Name)
        {
            Metrics = [.. Metrics(task.Value, effective, directions)],
            OriginalCount = samples?.Member("original").Count(),
            EffectiveCount = effective,
            FewShot = root.Member("n-shot")?.Member(task.Name).Count(),
            Version = root.Member("versions")?.Member(task.Name) is { } version ? version.ToString() : null,
        };
    }

    private static IEnumerable<ScoredMetric> Metrics(JsonElement task, long? count, JsonElement? directions)
    {
        foreach (JsonProperty member in task.EnumerateObject().DistinctBy(member => member.Name))
        {
            int comma = member.Name.IndexOf(',', StringComparison.Ordinal);
            if (comma <= 0 || member.Name.Contains(ErrorMark, StringComparison.Ordinal) || ((JsonElement?)member.Value).Number() is not double value)
            {
                continue;
            }

            string name = member.Name[..comma];
            string filter = member.Name[(comma + 1)..];
            yield return new ScoredMetric(name, filter)
            {
                Value = value,
                StandardError = task.Member(name + ErrorMark + filter).Number() is double and >= 0 and var error ? error : null,
                Count = count,
                Correct = MetricNames.IsCounted(name) ? Correct(value, count) : null,
                HigherIsBetter = directions?.Member(name) is { } direction
                    ? direction.ValueKind switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => null }
                    : null,
            };
        }
    }

    // A share of n documents is a whole number of them; anything else is a mean of something else.
    private static long? Correct(double share, long? count)
    {
        if (count is not long n || n is <= 0 or > CountsFile.CountLimit || share is < 0 or > 1)
        {
            return null;
        }

        double correct = Math.Round(share * n);
        return Math.Abs((share * n) - correct) < 1e-6 * n ? (long)correct : null;
    }

    private static Dictionary<string, IReadOnlyList<string>> Groups(JsonElement root)
    {
        var groups = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (JsonProperty group in root.Member("group_subtasks").Members())
        {
            // Versions of the harness list a task as a group without children.
            if (group.Value.ValueKind == JsonValueKind.Array && group.Value.GetArrayLength() > 0)
            {
                groups[group.Name] = [.. group.Value.EnumerateArray().Select(child => ((JsonElement?)child).Text()).OfType<string>()];
            }
        }

        return groups;
    }

    private static string ModelName(JsonElement root, string path) =>
        root.Member("model_name").Text() is { Length: > 0 } name ? name
        : root.Member("config")?.Member("model_args").Text() is { Length: > 0 } arguments ? arguments
        : Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(path)) ?? path);

    private static Dictionary<string, string> Settings(JsonElement root)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        JsonElement? config = root.Member("config");
        foreach ((string key, string name) in RunSettings)
        {
            settings[name] = config?.Member(key) is { } value ? Shown(value) : "none";
        }

        settings["system message"] = root.Member("system_instruction").Text() is { } system ? Shown(ResultHash.OfText(system)) : "none";
        settings["chat template"] = root.Member("chat_template_sha").Text() is { } hash ? Shown(hash)
            : root.Member("chat_template").Text() is { } template ? Shown(ResultHash.OfText(template))
            : "none";
        settings["examples as turns"] = root.Member("fewshot_as_multiturn") is { ValueKind: JsonValueKind.True } ? "yes" : "no";
        return settings;
    }

    // 200 and 200.0 are the same limit.
    private static string Shown(JsonElement value) => value.ValueKind == JsonValueKind.Number && ((JsonElement?)value).Number() is double number
        ? number.ToString(CultureInfo.InvariantCulture)
        : Shown(value.ToString());

    private static string Shown(string text) => text.Length <= 60 ? text : string.Concat(text.AsSpan(0, 60), "...");
}
