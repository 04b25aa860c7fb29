using System.Text.Json.Nodes;

namespace Lapidary.Workbench.Evaluation.Tasks;

/// <summary>What one document is worth behind one filter: a row of a samples file.</summary>
/// <param name="Document">The document with its requests.</param>
/// <param name="Filter">The name of the filter.</param>
/// <param name="Responses">The answers to its requests, in their order.</param>
/// <param name="FilteredResponses">
/// What the filter made of them, as samples files have it: for likelihoods a pair of texts for each request, otherwise texts.
/// </param>
/// <param name="Metrics">
/// The value of each metric: a number, or what its aggregation wants, such as the pair of log-likelihood and number of words.
/// </param>
public sealed record DocumentScore(
    TaskDocument Document,
    string Filter,
    IReadOnlyList<EvaluationResponse> Responses,
    JsonArray FilteredResponses,
    IReadOnlyDictionary<string, JsonNode> Metrics)
{
    /// <summary>What a row of a samples file says beside the metrics, by name, such as the marker that was found.</summary>
    public IReadOnlyDictionary<string, JsonNode?> Details { get; init; } = new Dictionary<string, JsonNode?>();
}
