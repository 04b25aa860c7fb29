using System.Text.Json;
using Lapidary.Checkpoints;

namespace Lapidary.Workbench.Recipes;

/// <summary>
/// Where an artefact comes from: <c>lapidary.json</c> in its folder, or beside a single file under its name with <c>.lapidary.json</c> behind
/// it. It says enough to make the artefact again: the command with all options that may change the result, and what went in, by content.
/// </summary>
public sealed record Lineage
{
    /// <summary>The name of the file in a folder.</summary>
    public const string FileName = "lapidary.json";

    /// <summary>The form of the file that this program writes.</summary>
    public const int CurrentForm = 1;

    // Each input brings its own lineage along; longer chains than this are cut.
    private const int Deepest = 12;
    private const long LongestFile = 16 * 1024 * 1024;

    /// <summary>The form of the file.</summary>
    public int Form { get; init; } = CurrentForm;

    /// <summary>The command that made the artefact.</summary>
    public required string Command { get; init; }

    /// <summary>The options that were given, without those that never change a result.</summary>
    public required IReadOnlyList<LineageOption> Options { get; init; }

    /// <summary>What it was made from.</summary>
    public required IReadOnlyList<LineageInput> Inputs { get; init; }

    /// <summary>The seed of the random numbers; null where the command has none.</summary>
    public long? Seed { get; init; }

    /// <summary>What made it.</summary>
    public required LineageProgram Program { get; init; }

    /// <summary>Where.</summary>
    public required LineageMachine Machine { get; init; }

    /// <summary>When the work began.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>How long it took.</summary>
    public required double Seconds { get; init; }

    /// <summary>The files of the artefact.</summary>
    public required IReadOnlyList<LineageFile> Files { get; init; }

    /// <summary>Where the lineage of an artefact stands.</summary>
    /// <param name="artefact">A file or a folder.</param>
    public static string PathOf(string artefact) =>
        Directory.Exists(artefact) ? Path.Combine(artefact, FileName) : artefact + "." + FileName;

    /// <summary>Reads the lineage of an artefact; null where it has none.</summary>
    /// <param name="artefact">A file or a folder.</param>
    /// <exception cref="CheckpointException">The file is damaged or no lineage.</exception>
    public static Lineage? Of(string artefact)
    {
        ArgumentException.ThrowIfNullOrEmpty(artefact);
        string path = PathOf(artefact);
        return File.Exists(path) ? Read(path) : null;
    }

    /// <summary>Writes it beside the artefact, in place of what was there.</summary>
    /// <param name="artefact">A file or a folder that is there.</param>
    /// <exception cref="CheckpointException">It cannot be written.</exception>
    public void Write(string artefact)
    {
        string path = Path.GetFullPath(PathOf(artefact));
        using var folder = new OutputFolder(Path.GetDirectoryName(path)!, overwrite: true);
        folder.Write(Path.GetFileName(path), [.. JsonSerializer.SerializeToUtf8Bytes(Cut(Deepest), LineageJson.Default.Lineage), (byte)'\n']);
        folder.Commit();
    }

    // The serializer looks at members, not at the items of lists.
    private bool HasGaps =>
        Options.Any(option => option is null || option.Values.Contains(null!))
        || Files.Contains(null!)
        || Inputs.Any(input => input is null || input.Lineage is { HasGaps: true });

    private static Lineage Read(string path)
    {
        try
        {
            var info = new FileInfo(path);
            if (info.Length > LongestFile)
            {
                throw new CheckpointException(path, $"has {info.Length:N0} bytes where a lineage has {LongestFile:N0} at most");
            }

            Lineage? lineage = JsonSerializer.Deserialize(File.ReadAllBytes(path), LineageJson.Default.Lineage);
            return lineage switch
            {
                null => throw new CheckpointException(path, "is empty where a lineage was expected"),
                { HasGaps: true } => throw new CheckpointException(path, "has an empty entry where an input, an option or a file was expected"),
                { Form: not CurrentForm } => throw new CheckpointException(path, $"has form {lineage.Form} where {CurrentForm} was expected"),
                _ => lineage,
            };
        }
        catch (Exception thrown) when (thrown is JsonException or InvalidOperationException)
        {
            throw new CheckpointException(path, "is no lineage that lapidary wrote, or damaged", thrown);
        }
        catch (Exception thrown) when (thrown is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(path, $"cannot be read: {thrown.Message.TrimEnd('.')}", thrown);
        }
    }

    private Lineage Cut(int depth) => this with
    {
        Inputs = [.. Inputs.Select(input => input with { Lineage = depth == 0 ? null : input.Lineage?.Cut(depth - 1) })],
    };
}
