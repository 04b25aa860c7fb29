using System.Text.Json;
using System.Text.Json.Nodes;
using Lapidary.Workbench.Recipes;

namespace Lapidary.Workbench.Reports.Runs;

/// <summary>What the command of a step printed as JSON.</summary>
internal static class StepDocument
{
    /// <summary>The document; an empty one where it is none.</summary>
    public static JsonObject Read(string folder, RecipeStep step)
    {
        try
        {
            return JsonNode.Parse(File.ReadAllBytes(Path.Combine(folder, step.Outputs[^1]))) as JsonObject ?? [];
        }
        catch (Exception thrown) when (thrown is JsonException or IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>A number in it, by the names on the way; null where there is none.</summary>
    public static double? Number(JsonNode? document, params ReadOnlySpan<string> way)
    {
        foreach (string name in way)
        {
            document = (document as JsonObject)?[name];
        }

        return document is JsonValue value && value.TryGetValue(out double number) ? number : null;
    }
}
