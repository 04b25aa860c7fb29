using System.Text.Json.Nodes;
using Lapidary.Workbench.Evaluation.Comparison;
using Lapidary.Workbench.Recipes;

namespace Lapidary.Workbench.Reports.Cards;

/// <summary>The front matter of a card, as the Hugging Face hub reads it.</summary>
internal static class CardFrontMatter
{
    private static readonly string[] OwnTags = ["gemma3", "lapidary"];

    /// <summary>The front matter: what follows from the model, what the base says, and what somebody wrote into the card before.</summary>
    public static JsonObject Create(CardFacts facts, JsonObject before)
    {
        ModelCardOptions options = facts.Options;
        string? baseName = facts.BaseName;
        var matter = new JsonObject
        {
            ["license"] = options.License ?? Text(before, "license") ?? Text(facts.BaseFrontMatter, "license") ?? "unknown",
            ["base_model"] = baseName is null ? before["base_model"]?.DeepClone() : new JsonArray(baseName),
            ["base_model_relation"] = baseName is null ? before["base_model_relation"]?.DeepClone() : Relation(facts),
            ["language"] = List(options.Languages, before["language"] ?? facts.BaseFrontMatter["language"]),
            ["pipeline_tag"] = "text-generation",
            ["library_name"] = facts.HasCheckpoint ? "transformers" : facts.HasAdapter ? "peft" : "gguf",
            ["tags"] = new JsonArray([.. Tags(facts, before).Select(tag => (JsonNode)tag)]),
            ["datasets"] = List(options.Datasets.Count > 0 ? options.Datasets : Datasets(facts), before["datasets"]),
        };
        foreach (string key in new[] { "license_name", "license_link" })
        {
            matter[key] = options.License is null ? (before[key] ?? facts.BaseFrontMatter[key])?.DeepClone() : null;
        }

        foreach ((string key, JsonNode? value) in before)
        {
            if (!matter.ContainsKey(key) && key != "model-index")
            {
                matter[key] = value?.DeepClone();
            }
        }

        if (Index(facts) is { } index)
        {
            matter["model-index"] = index;
        }

        return matter;
    }

    /// <summary>What the hub calls the way from the base to the model.</summary>
    private static string Relation(CardFacts facts) =>
        facts.HasAdapter ? "adapter"
        : !facts.HasCheckpoint ? "quantized"
        : facts.Chain.All(one => one.Command == "merge" && !one.Inputs.Any(input => input.Option == "adapter" && input.Lineage is not null)) ? "merge" : "finetune";

    private static IEnumerable<string> Tags(CardFacts facts, JsonObject before)
    {
        IEnumerable<string> methods = facts.Chain.Select(one => one.Command switch
        {
            "prune" => "pruning",
            "distill" => "distillation",
            "ablate" => "ablation",
            "tune" => one.Options.FirstOrDefault(option => option.Name == "method")?.Values is [{ } method] ? method : "full-fine-tuning",
            _ => string.Empty,
        });
        return OwnTags
            .Concat(facts.GgufFiles.Count > 0 ? ["gguf"] : [])
            .Concat(facts.HasTurns ? ["conversational"] : [])
            .Concat(methods)
            .Concat(facts.Options.Tags)
            .Concat((before["tags"] as JsonArray ?? []).Select(tag => tag?.ToString() ?? string.Empty))
            .Where(tag => tag.Length > 0)
            .Distinct();
    }

    // Data sets of the hub are named as they are; a file is somebody's own.
    private static string[] Datasets(CardFacts facts) =>
    [
        .. facts.Chain.Where(one => one.Command is "tune" or "distill")
            .SelectMany(one => one.Inputs.Where(input => input.Option == "data" && !Path.HasExtension(input.Value) && input.Value.Count(c => c == '/') == 1))
            .Select(input => input.Value.Split(':', '@')[0])
            .Distinct(),
    ];

    private static JsonArray? Index(CardFacts facts)
    {
        if (facts.Comparison is not { } comparison)
        {
            return null;
        }

        var results = new JsonArray();
        foreach (ComparisonRow row in comparison.Rows.Where(row => row.Kind == ComparisonRowKind.Task && row.Model == comparison.Models[0]))
        {
            results.Add((JsonNode)new JsonObject
            {
                ["task"] = new JsonObject { ["type"] = "text-generation" },
                ["dataset"] = new JsonObject { ["name"] = row.Name, ["type"] = row.Name },
                ["metrics"] = new JsonArray(new JsonObject { ["type"] = row.Metric, ["name"] = ComparisonText.Metric(row), ["value"] = Math.Round(row.Estimate.Value, 6) }),
            });
        }

        return [new JsonObject { ["name"] = facts.Options.Title ?? facts.Name, ["results"] = results }];
    }

    private static JsonNode? List(IReadOnlyList<string> given, JsonNode? otherwise) =>
        given.Count > 0 ? new JsonArray([.. given.Select(item => (JsonNode)item)]) : otherwise?.DeepClone();

    private static string? Text(JsonObject matter, string key) => matter[key] is JsonValue value ? value.ToString() : null;
}
