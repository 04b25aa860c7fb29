using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Lapidary.Checkpoints;

namespace Lapidary.Pebble.Steps;

/// <summary>
/// What was done already: for each step a hash of everything that it depends on, and the hashes of the files that it wrote. A step is
/// done where both are still true.
/// </summary>
internal sealed class StepRecord
{
    private const string FileName = "state.json";

    private readonly string folder;
    private readonly JsonObject steps;

    /// <summary>Reads the record of a folder; a damaged one counts as none, so the steps run again.</summary>
    public StepRecord(string folder)
    {
        this.folder = folder;
        string path = Path.Combine(folder, FileName);
        try
        {
            steps = File.Exists(path) && JsonNode.Parse(File.ReadAllText(path)) is JsonObject read ? read : [];
        }
        catch (System.Text.Json.JsonException)
        {
            steps = [];
        }
    }

    /// <summary>The hash of what a step depends on: its settings, and the outputs of the steps before it.</summary>
    public string KeyOf(string settings, IReadOnlyList<string> after)
    {
        var text = new StringBuilder(settings);
        foreach (string step in after)
        {
            text.Append('\n').Append(step).Append(' ').Append((steps[step] as JsonObject)?["files"]?.ToJsonString());
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    /// <summary>Whether a step was done with this key and its files are as it left them.</summary>
    public bool IsDone(string step, string key) =>
        steps[step] is JsonObject entry
        && entry["key"] is JsonValue recorded && recorded.TryGetValue(out string? was) && was == key
        && entry["files"] is JsonObject files
        && files.All(file => file.Value is JsonValue value && value.TryGetValue(out string? hash) && HashOf(Path.Combine(folder, file.Key)) == hash);

    /// <summary>Records a step that is done.</summary>
    /// <param name="step">Its name.</param>
    /// <param name="key">What it depended on.</param>
    /// <param name="outputs">Folders and files that it wrote, relative to the folder.</param>
    /// <exception cref="CheckpointException">The record cannot be written.</exception>
    public void MarkDone(string step, string key, IEnumerable<string> outputs)
    {
        var files = new JsonObject();
        foreach (string file in outputs.SelectMany(FilesOf).Order(StringComparer.Ordinal))
        {
            files[file] = HashOf(Path.Combine(folder, file));
        }

        steps[step] = new JsonObject { ["key"] = key, ["files"] = files };
        using var output = new OutputFolder(folder, overwrite: true);
        output.Write(FileName, steps);
        output.Commit();
    }

    private static string? HashOf(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        using FileStream stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    // A card is written later than the model beside it and tells nothing new of it.
    private IEnumerable<string> FilesOf(string output)
    {
        string path = Path.Combine(folder, output);
        return Directory.Exists(path)
            ? Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder, file).Replace('\\', '/')).Where(file => !file.EndsWith(Cards.FileName, StringComparison.Ordinal))
            : [output];
    }
}
