using System.Text.Json;
using System.Text.Json.Nodes;
using Lapidary.Checkpoints;

namespace Lapidary.Workbench.Training;

/// <summary>What each validation example costs at one moment of a run.</summary>
/// <param name="Loss">Cross-entropy.</param>
/// <param name="Divergence">KL divergence of a teacher from the model; empty without a teacher that runs.</param>
internal sealed record ValidationRecord(IReadOnlyList<ExampleLoss> Loss, IReadOnlyList<ExampleLoss> Divergence)
{
    // That of the moment before the first step is kept, so that a resumed run can still compare example by example.
    private const string FileName = "validation-before.json";

    /// <summary>The record of a run that goes on; null where it is not there or cannot be read.</summary>
    public static ValidationRecord? Read(string runFolder)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(runFolder, FileName)));
            return new ValidationRecord(Losses(document.RootElement, "loss"), Losses(document.RootElement, "divergence"));
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException
            or KeyNotFoundException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Writes the record of a new run.</summary>
    public void Write(string runFolder)
    {
        using var output = new OutputFolder(runFolder, overwrite: true);
        output.Write(FileName, new JsonObject { ["loss"] = Json(Loss), ["divergence"] = Json(Divergence) });
        output.Commit();
    }

    private static JsonArray Json(IReadOnlyList<ExampleLoss> examples) =>
        [.. examples.Select(example => new JsonArray(example.Loss, example.Targets))];

    private static List<ExampleLoss> Losses(JsonElement document, string name) =>
        [.. document.GetProperty(name).EnumerateArray().Select(pair => new ExampleLoss(pair[0].GetDouble(), pair[1].GetInt32()))];
}
