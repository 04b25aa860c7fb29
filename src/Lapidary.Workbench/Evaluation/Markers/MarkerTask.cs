using System.Text.Json.Nodes;
using Lapidary.Checkpoints;
using Lapidary.Workbench.Evaluation.Tasks;
using Lapidary.Workbench.Evaluation.Tasks.Configuration;

namespace Lapidary.Workbench.Evaluation.Markers;

/// <summary>
/// A task made of a file of prompts: the share of answers that hold one of some markers. It is the task <c>refusals</c> with other prompts
/// and, where they are given, other markers: greedy answers of at most 100 tokens, an empty one counts.
/// </summary>
public static class MarkerTask
{
    /// <summary>What the names of such tasks begin with.</summary>
    public const string NamePrefix = "markers_";

    private const string Pattern = TaskFiles.BuiltInRoot + "/refusals/refusals.yaml";
    private const int LongestName = 96;

    /// <summary>Whether a name can stand behind <see cref="NamePrefix"/>: 1 to 96 letters, digits, '-', '_' and '.' of ASCII.</summary>
    public static bool IsName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Length is > 0 and <= LongestName && name.All(IsNameCharacter);
    }

    /// <summary>The name that a file gives its prompts: its own without the extension, other characters than a name has replaced by '_'.</summary>
    public static string NameOf(string path)
    {
        string stem = Path.GetFileNameWithoutExtension(path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? path[..^3] : path);
        string name = string.Concat(stem.Take(LongestName).Select(c => IsNameCharacter(c) ? c : '_'));
        return name.Length > 0 ? name : "_";
    }

    /// <summary>Makes the task; its documents are those of <see cref="PromptFile.Read"/>.</summary>
    /// <param name="name">What stands behind <see cref="NamePrefix"/> in its name.</param>
    /// <param name="promptFile">The file of the prompts, which results name as the data set.</param>
    /// <param name="markers">The markers; null for those of refusals.</param>
    /// <exception cref="ArgumentException">The name is none, or the markers are not usable.</exception>
    public static EvaluationTask Create(string name, string promptFile, IReadOnlyList<string>? markers = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(promptFile);
        if (!IsName(name))
        {
            throw new ArgumentException($"A name of 1 to {LongestName} letters, digits, '-', '_' and '.' was expected, found {Quotation.Of(name)}.", nameof(name));
        }

        markers ??= MarkerList.Refusals;
        if (MarkerList.Fault(markers) is { } fault)
        {
            throw new ArgumentException($"The list {fault}.", nameof(markers));
        }

        var files = new TaskFiles();
        TaskConfiguration pattern = TaskReader.Read(files.Resolve(files.Read(Pattern)), NamePrefix + name);
        return new EvaluationTask(pattern with
        {
            DatasetPath = promptFile,
            TrainingSplit = null,
            Text = TaskField.Of(document => PromptConversation.Of(document)[^1].Content),
            Conversation = document => PromptConversation.Of(document),
            Metrics = [pattern.Metrics[0] with { Markers = markers }],
            Source = Describe(pattern, NamePrefix + name, promptFile, markers),
        });
    }

    private static JsonObject Describe(TaskConfiguration pattern, string name, string promptFile, IReadOnlyList<string> markers)
    {
        var source = (JsonObject)pattern.Source.DeepClone();
        foreach (string key in new[] { "training_split", "doc_to_text" })
        {
            source.Remove(key);
        }

        source["task"] = name;
        source["dataset_path"] = promptFile;
        var settings = (JsonObject)source["metric_list"]![0]!["kwargs"]!;
        settings.Remove("markers_file");
        settings["markers"] = new JsonArray([.. markers.Select(marker => (JsonNode)marker)]);
        return source;
    }

    private static bool IsNameCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.';
}
