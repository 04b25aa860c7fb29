using System.Text.Json;
using System.Text.Json.Serialization;
using Lapidary.Checkpoints;

namespace Lapidary.Workbench.Recipes;

/// <summary>What a run knows of a step between two calls: a small file of its own, hidden in the folder of the run.</summary>
internal sealed record StepState
{
    private const long LongestFile = 64 * 1024 * 1024;

    /// <summary>What the step was made from: command, options, contents of its inputs.</summary>
    public required string Key { get; init; }

    /// <summary>Whether it was done; otherwise it was begun.</summary>
    public bool IsDone { get; init; }

    /// <summary>How long it took.</summary>
    public double Seconds { get; init; }

    /// <summary>The most memory that the process had while it ran, in bytes.</summary>
    public long PeakBytes { get; init; }

    /// <summary>What it wrote, by the names in the folder of the run.</summary>
    public IReadOnlyList<StateFile> Files { get; init; } = [];

    /// <summary>Reads the state of a step; null where there is none, or one that cannot be read, which is as good as none.</summary>
    public static StepState? Read(string path)
    {
        try
        {
            var info = new FileInfo(path);
            return info.Exists && info.Length <= LongestFile
                ? JsonSerializer.Deserialize(File.ReadAllBytes(path), StepStateJson.Default.StepState) is { } state && !state.Files.Contains(null!) ? state : null
                : null;
        }
        catch (Exception thrown) when (thrown is JsonException or InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Writes the state of a step.</summary>
    /// <exception cref="CheckpointException">It cannot be written.</exception>
    public void Write(string path)
    {
        using var folder = new OutputFolder(Path.GetDirectoryName(path)!, overwrite: true);
        folder.Write(Path.GetFileName(path), JsonSerializer.SerializeToUtf8Bytes(this, StepStateJson.Default.StepState));
        folder.Commit();
    }
}

/// <summary>A file that a step wrote.</summary>
/// <param name="Name">Its name in the folder of the run, with '/' between folders.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Modified">When it was last written, in ticks of universal time: where length and time are the same it is not read again.</param>
/// <param name="Sha256">Its SHA-256.</param>
internal sealed record StateFile(string Name, long Bytes, long Modified, string Sha256);

/// <summary>The form of the file.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    WriteIndented = true)]
[JsonSerializable(typeof(StepState))]
internal sealed partial class StepStateJson : JsonSerializerContext;
