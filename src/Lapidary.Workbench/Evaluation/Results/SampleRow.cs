using System.Text.Json.Nodes;

namespace Lapidary.Workbench.Evaluation.Results;

/// <summary>One document with what was asked, what came back and how it was scored: a line of a samples file.</summary>
public sealed record SampleRow
{
    /// <summary>Index of the document in its split.</summary>
    public required int DocumentId { get; init; }

    /// <summary>The document as the task uses it, after <c>process_docs</c>.</summary>
    public required JsonObject Document { get; init; }

    /// <summary>The right answer: a text, the number of a choice, or several of them; the file has Python's <c>str</c> of it.</summary>
    public JsonNode? Target { get; init; }

    /// <summary>
    /// The arguments of each request: context and continuation, context and generation settings, or the text alone. The first argument of
    /// the first request is the prompt whose hash the row carries.
    /// </summary>
    public required IReadOnlyList<IReadOnlyList<JsonNode>> Arguments { get; init; }

    /// <summary>
    /// The answers to each request, nested as the task repeats: <c>[[[-12.3, false]], ...]</c> for choices, <c>[["text"]]</c> for a
    /// generation. Numbers and truth values are written as Python's <c>str</c> has them.
    /// </summary>
    public required JsonArray Responses { get; init; }

    /// <summary>The answers behind the filter: <c>[[-12.3, false], ...]</c> or <c>["text"]</c>.</summary>
    public required JsonArray FilteredResponses { get; init; }

    /// <summary>The filter pipeline.</summary>
    public string Filter { get; init; } = "none";

    /// <summary>The metrics of the document by name: numbers, or arrays where an aggregation wants several values.</summary>
    public required IReadOnlyList<KeyValuePair<string, JsonNode?>> Metrics { get; init; }

    /// <summary>What the row says behind the metrics that is none, such as the marker that was found.</summary>
    public IReadOnlyList<KeyValuePair<string, JsonNode?>> Details { get; init; } = [];
}
