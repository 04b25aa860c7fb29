using System.Text.Json.Nodes;
using Lapidary.Workbench.Evaluation.Results;

namespace Lapidary.Workbench.Evaluation.Texts;

/// <summary>The scores of a text as those of a task, with a document for each chunk, so that they stand in results files and can be paired.</summary>
/// <remarks>
/// The tokens of a chunk are no independent draws, so the standard errors are those of the means of chunks: the standard deviation of the
/// chunks (n - 1) over the root of their number, for a perplexity times the perplexity.
/// </remarks>
public static class TextTask
{
    /// <summary>What the name of such a task begins with.</summary>
    public const string Prefix = "text_";

    /// <summary>The result of a text.</summary>
    /// <param name="domain">What the text is called.</param>
    /// <param name="chunks">Its chunks.</param>
    /// <param name="scores">What the model scored on them.</param>
    /// <param name="decode">Makes text of the tokens of a chunk.</param>
    /// <param name="settings">More of what is to be known of the task, such as the file and the base.</param>
    public static TaskResult Create(
        string domain, TextChunks chunks, TextScores scores, Func<ReadOnlyMemory<int>, string> decode, JsonObject settings)
    {
        ArgumentException.ThrowIfNullOrEmpty(domain);
        ArgumentNullException.ThrowIfNull(chunks);
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentNullException.ThrowIfNull(decode);
        ArgumentNullException.ThrowIfNull(settings);
        var configuration = new JsonObject
        {
            ["task"] = Prefix + domain, ["output_type"] = "loglikelihood_rolling", ["context"] = chunks.ContextLength,
        };
        foreach ((string key, JsonNode? value) in settings)
        {
            configuration[key] = value?.DeepClone();
        }

        return new TaskResult(Prefix + domain)
        {
            Version = 1,
            Metrics = [.. Metrics(scores)],
            OriginalCount = chunks.Available,
            EffectiveCount = chunks.Count,
            Configuration = configuration,
            Samples = scores.Chunks.Select(score => Sample(chunks, score, decode)),
        };
    }

    private static IEnumerable<MetricResult> Metrics(TextScores scores)
    {
        double perplexity = scores.Perplexity.Perplexity.Value;
        yield return new MetricResult("perplexity", perplexity)
        {
            HigherIsBetter = false, StandardError = perplexity * StandardError(scores, chunk => chunk.MeanNll),
        };
        if (scores.Divergence is { } divergence)
        {
            yield return new MetricResult("kl_divergence", divergence.Divergence.Value)
            {
                HigherIsBetter = false, StandardError = StandardError(scores, chunk => chunk.Divergence!.Value),
            };
            yield return new MetricResult("same_top", divergence.SameTop.Value)
            {
                HigherIsBetter = true, StandardError = StandardError(scores, chunk => chunk.SameTop!.Value),
            };
        }
    }

    private static double? StandardError(TextScores scores, Func<ChunkScore, double> value)
    {
        double[] values = [.. scores.Chunks.Select(value)];
        if (values.Length < 2)
        {
            return null;
        }

        double mean = values.Average();
        return Math.Sqrt(values.Sum(x => (x - mean) * (x - mean)) / (values.Length - 1) / values.Length);
    }

    private static SampleRow Sample(TextChunks chunks, ChunkScore score, Func<ReadOnlyMemory<int>, string> decode)
    {
        string text = decode(chunks.Chunk(score.Chunk));

        // As a task with a perplexity has it, the value of a document is the log-likelihood of which the perplexity is made.
        List<KeyValuePair<string, JsonNode?>> metrics = [KeyValuePair.Create("perplexity", (JsonNode?)(-score.MeanNll))];
        if (score.Divergence is double divergence)
        {
            metrics.Add(KeyValuePair.Create("kl_divergence", (JsonNode?)divergence));
            metrics.Add(KeyValuePair.Create("same_top", (JsonNode?)score.SameTop!.Value));
        }

        double sum = -score.MeanNll * chunks.ScoredCount;
        return new SampleRow
        {
            DocumentId = score.Chunk,
            Document = new JsonObject { ["text"] = text, ["tokens"] = chunks.ContextLength, ["scored"] = chunks.ScoredCount },
            Target = string.Empty,
            Arguments = [[text]],
            Responses = [new JsonArray(sum)],
            FilteredResponses = [sum],
            Metrics = metrics,
        };
    }
}
