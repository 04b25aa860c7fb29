using System.Text.Json.Nodes;

namespace Lapidary.Workbench.Evaluation.Results;

/// <summary>Which model was evaluated, how, when and where. What is null stands as null in the file.</summary>
public sealed record RunInfo
{
    /// <summary>The kind of engine that ran the model, <c>config.model</c> of the file.</summary>
    public string Model { get; init; } = "lapidary";

    /// <summary>How the model was opened, a text or an object.</summary>
    public JsonNode? ModelArguments { get; init; }

    /// <summary>The name of the model, which names the folder of the results.</summary>
    public required string ModelName { get; init; }

    /// <summary>Where the model came from.</summary>
    public string ModelSource { get; init; } = "lapidary";

    /// <summary>Number of its parameters.</summary>
    public long? ParameterCount { get; init; }

    /// <summary>The type of its weights, such as <c>bfloat16</c>.</summary>
    public string? DataType { get; init; }

    /// <summary>The revision of the model.</summary>
    public string? Revision { get; init; }

    /// <summary>A hash of the model.</summary>
    public string? Hash { get; init; }

    /// <summary>The size of a batch, a number or a text.</summary>
    public JsonNode? BatchSize { get; init; }

    /// <summary>The device that it ran on.</summary>
    public string? Device { get; init; } = "cpu";

    /// <summary>The cache of finished requests.</summary>
    public string? RequestCache { get; init; }

    /// <summary>How many documents of each task were evaluated at most, or which share of them; null for all.</summary>
    public double? Limit { get; init; }

    /// <summary>The number of examples in each prompt that was asked for; null where each task has its own.</summary>
    public int? FewShot { get; init; }

    /// <summary>Resamples for the standard errors that are found by resampling.</summary>
    public int BootstrapIterations { get; init; } = 100_000;

    /// <summary>Settings of generation that override those of the tasks, a text or an object.</summary>
    public JsonNode? GenerationArguments { get; init; }

    /// <summary>The four seeds in the order of the harness: Python, NumPy, Torch, few-shot.</summary>
    public (long Random, long Numpy, long Torch, long FewShot) Seeds { get; init; } = (0, 1234, 1234, 1234);

    /// <summary>Modes of ours, such as the precision of scores; one object behind the other settings, left out where it is empty.</summary>
    public JsonObject Modes { get; init; } = [];

    /// <summary>The revision of the program.</summary>
    public string? ProgramRevision { get; init; }

    /// <summary>When the evaluation began; its clock time names the files.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>How long the evaluation took.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Speed and energy, a key of ours at the end of the file; null where they were not measured.</summary>
    public RunPerformance? Performance { get; init; }

    /// <summary>The machine and its software, several lines.</summary>
    public string? Environment { get; init; }

    /// <summary>The version of the program.</summary>
    public string? Version { get; init; }

    /// <summary>The padding token of the tokenizer and its id.</summary>
    public (string Text, int Id)? PadToken { get; init; }

    /// <summary>The token at the end of a text and its id.</summary>
    public (string Text, int Id)? EndToken { get; init; }

    /// <summary>The token at the beginning of a text and its id.</summary>
    public (string Text, int Id)? BeginToken { get; init; }

    /// <summary>The id of the token that ends an answer.</summary>
    public int? EndOfTextId { get; init; }

    /// <summary>The longest sequence in tokens.</summary>
    public int? MaxLength { get; init; }

    /// <summary>The system message.</summary>
    public string? SystemInstruction { get; init; }

    /// <summary>Whether the examples of a prompt are turns of a conversation.</summary>
    public bool? FewShotAsMultiturn { get; init; }

    /// <summary>The chat template that was applied; null for none.</summary>
    public string? ChatTemplate { get; init; }
}
