using System.Text.Json.Nodes;
using Lapidary.Workbench.Evaluation.Tasks.Prompts;

namespace Lapidary.Workbench.Evaluation.Tasks.Configuration;

/// <summary>What a task file says, with the harness's defaults where it says nothing.</summary>
internal sealed record TaskConfiguration
{
    /// <summary>The name.</summary>
    public required string Name { get; init; }

    /// <summary>What tables call it.</summary>
    public string? Alias { get; init; }

    /// <summary>The names under which it can be asked for together with others.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>The file it stands in.</summary>
    public required string File { get; init; }

    /// <summary>The line it begins in, from 1.</summary>
    public required int Line { get; init; }

    /// <summary>The data set.</summary>
    public required string DatasetPath { get; init; }

    /// <summary>The configuration of the data set.</summary>
    public string? DatasetName { get; init; }

    /// <summary>The split to learn from.</summary>
    public string? TrainingSplit { get; init; }

    /// <summary>The split to choose by.</summary>
    public string? ValidationSplit { get; init; }

    /// <summary>The split to evaluate on.</summary>
    public string? TestSplit { get; init; }

    /// <summary>What is asked.</summary>
    public required OutputType OutputType { get; init; }

    /// <summary>What is done to the documents of a split first.</summary>
    public Func<IReadOnlyList<JsonObject>, IReadOnlyList<JsonObject>>? ProcessDocuments { get; init; }

    /// <summary>What makes values of metrics of a document and its answers.</summary>
    public Func<JsonObject, IReadOnlyList<JsonNode>, IReadOnlyDictionary<string, JsonNode>>? ProcessResults { get; init; }

    /// <summary>How many parts of a document are decided only approximately as the harness does, where that is so.</summary>
    public Func<JsonObject, int>? ApproximateParts { get; init; }

    /// <summary>The question.</summary>
    public TaskField? Text { get; init; }

    /// <summary>The conversation of a document, where it is one: it takes the place of the question.</summary>
    public Func<JsonObject, IReadOnlyList<PromptMessage>>? Conversation { get; init; }

    /// <summary>The answer.</summary>
    public TaskField? Target { get; init; }

    /// <summary>The choices.</summary>
    public TaskField? Choice { get; init; }

    /// <summary>What stands before everything.</summary>
    public TaskField? Description { get; init; }

    /// <summary>What stands before the answer.</summary>
    public TaskField? AnswerPrefix { get; init; }

    /// <summary>What stands between question and answer.</summary>
    public required string TargetDelimiter { get; init; }

    /// <summary>What stands between shots, and between system instruction and description.</summary>
    public required string FewShotDelimiter { get; init; }

    /// <summary>The shots.</summary>
    public required FewShotConfiguration FewShot { get; init; }

    /// <summary>How many shots; null where the file does not say.</summary>
    public int? FewShotCount { get; init; }

    /// <summary>How answers are generated, as the file says it.</summary>
    public required JsonObject Generation { get; init; }

    /// <summary>How often each document is asked.</summary>
    public int Repeats { get; init; } = 1;

    /// <summary>The filters.</summary>
    public required IReadOnlyList<FilterPipeline> Filters { get; init; }

    /// <summary>The metrics.</summary>
    public required IReadOnlyList<MetricSpecification> Metrics { get; init; }

    /// <summary>Whether scoring runs what the model wrote.</summary>
    public bool RunsCode { get; init; }

    /// <summary>The version, as the file writes it.</summary>
    public JsonNode? Version { get; init; }

    /// <summary>All that the file says, includes merged.</summary>
    public required JsonObject Source { get; init; }
}
