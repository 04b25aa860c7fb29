using System.Text.Json;
using System.Text.Json.Nodes;
using Lapidary.Workbench.Evaluation.Markers;
using Lapidary.Workbench.Evaluation.Metrics;
using Lapidary.Workbench.Evaluation.Tasks.Configuration;
using Lapidary.Workbench.Evaluation.Tasks.Prompts;

namespace Lapidary.Workbench.Evaluation.Tasks.Scoring;

/// <summary>The metrics of generated answers that no function scores.</summary>
internal sealed class GenerationScore(TaskPlan plan)
{
    private static readonly Dictionary<string, JsonNode?> NoDetails = [];

    private readonly Dictionary<string, ExactMatch> matches = plan.Task.Configuration.Metrics
        .Where(metric => metric.Name == "exact_match")
        .ToDictionary(metric => metric.Name, metric => new ExactMatch(metric.RegexesToIgnore)
        {
            IgnoreCase = metric.IgnoreCase,
            IgnorePunctuation = metric.IgnorePunctuation,
            IgnoreNumbers = metric.IgnoreNumbers,
        });

    private readonly MarkerSearch? markers = plan.Task.Configuration.Metrics
        .Where(metric => metric.Name == MetricNames.ContainsMarker && plan.Task.Configuration.ProcessResults is null)
        .Select(metric => new MarkerSearch(metric.Markers, metric.BlankCounts))
        .FirstOrDefault();

    /// <summary>What a row of a samples file says of an answer beside the metrics: the marker that was found, or null.</summary>
    public IReadOnlyDictionary<string, JsonNode?> Details(IReadOnlyList<string>? answers) => markers is null || answers is null
        ? NoDetails
        : new Dictionary<string, JsonNode?> { ["marker"] = markers.Find(AnswerOf(answers)) };

    /// <summary>The answer that is scored, the first one; empty where a filter left none.</summary>
    public static string AnswerOf(IReadOnlyList<string> answers) => answers.Count > 0 ? answers[0] : string.Empty;

    /// <summary>The value of a metric for an answer.</summary>
    public JsonNode? Value(MetricSpecification metric, TaskDocument document, string answer) => metric.Name switch
    {
        "exact_match" => JsonValue.Create(matches[metric.Name].Score(answer, References(document))),
        MetricNames.ContainsMarker => JsonValue.Create(markers!.Find(answer) is null ? 0.0 : 1.0),
        "bypass" => JsonValue.Create(999),
        _ => null,
    };

    // With choices the target is the number of one; of a list any may be given; all else is compared as text.
    private IEnumerable<string> References(TaskDocument document)
    {
        JsonNode? target = document.Target;
        if (document.Choices.Count > 0 && FieldValues.AsIndex(target) is { } index)
        {
            return index < document.Choices.Count ? [document.Choices[index]] : [];
        }

        return plan.HasSeveralTargets && target is JsonArray several ? several.Select(PythonLiteral.TextOf)
            : plan.HasSeveralTargets && target?.GetValueKind() == JsonValueKind.String ? [target.GetValue<string>()]
            : [PythonLiteral.TextOf(target)];
    }
}
