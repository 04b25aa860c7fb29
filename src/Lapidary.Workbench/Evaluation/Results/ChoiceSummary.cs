using System.Text.Json;
using System.Text.Json.Nodes;
using Lapidary.Workbench.Evaluation.Statistics;

namespace Lapidary.Workbench.Evaluation.Results;

/// <summary>What the accuracy of a task with choices is worth: what guessing gives, and whether the model knows when it is right.</summary>
/// <param name="Task">The task.</param>
/// <param name="Calibration">The confidence of the chosen answers and the share of them that is right.</param>
/// <param name="Chance">What guessing among the choices scores on the average.</param>
/// <param name="ChanceP">The exact two-sided binomial p-value of the accuracy against <paramref name="Chance"/>.</param>
/// <param name="Constant">The best answer to give every time; null where there is none.</param>
public sealed record ChoiceSummary(string Task, Calibration Calibration, double Chance, double ChanceP, ConstantAnswer? Constant)
{
    private const string Metric = "acc";

    /// <summary>The summary of a task; null where it has no choices or its documents were not kept.</summary>
    internal static ChoiceSummary? Of(TaskResult task)
    {
        // With acc_mutual_info half of the requests are no choices.
        if (task.Samples is null || task.Metrics.All(metric => metric.Name != Metric) || task.Metrics.Any(metric => metric.Name == "acc_mutual_info"))
        {
            return null;
        }

        var rows = new List<(int Id, int Choices, int Chosen, double Confidence, double Right, string? Gold)>();
        foreach (SampleRow row in task.Samples.Where(row => row.Filter == task.Metrics[0].Filter))
        {
            double? right = row.Metrics.FirstOrDefault(metric => metric.Key == Metric).Value?.GetValue<double>();
            if (right is not (0 or 1) || Likelihoods(row.Responses) is not { Count: > 1 } likelihoods)
            {
                return null;
            }

            (int chosen, double confidence) = ChosenAnswer.Of(likelihoods);
            string? gold = row.Target is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : row.Target?.ToJsonString();
            rows.Add((row.DocumentId, likelihoods.Count, chosen, confidence, right.Value, gold));
        }

        if (rows.Count == 0)
        {
            return null;
        }

        var items = new ScoredItems(task.Metrics[0].Filter)
        {
            DocumentIds = [.. rows.Select(row => (long)row.Id)],
            DocumentHashes = null,
            PromptHashes = new string?[rows.Count],
            Golds = rows.All(row => row.Gold is not null) ? [.. rows.Select(row => row.Gold!)] : null,
            Choices = [.. rows.Select(row => row.Choices)],
            RightOfTwo = rows.All(row => row.Choices == 2) ? [.. rows.Select(row => row.Right == 1 ? row.Chosen : 1 - row.Chosen)] : null,
            Confidences = [.. rows.Select(row => row.Confidence)],
            Sources = new string?[rows.Count],
            Values = new Dictionary<string, double[]> { [Metric] = [.. rows.Select(row => row.Right)] },
            Weights = new Dictionary<string, double[]>(),
        };
        double chance = AccuracyBaseline.ChanceOf(items, Metric)!.Value;
        Dictionary<string, long>? golds = AccuracyBaseline.GoldsOf(items, Metric);
        return new ChoiceSummary(
            task.Name,
            Calibration.Of(rows.Select(row => (row.Confidence, row.Right == 1))),
            chance,
            BinomialTest.TwoSided(rows.Count(row => row.Right == 1), rows.Count, chance),
            golds is null ? null : ConstantAnswer.Best(golds.ToDictionary(gold => gold.Key, gold => (double)gold.Value)));
    }

    /// <summary>The object of a results file.</summary>
    internal JsonObject ToJson() => new()
    {
        ["n"] = Calibration.Count,
        ["chance"] = Chance,
        ["chance_p"] = ChanceP,
        ["constant_answer"] = Constant?.Answer,
        ["constant_acc"] = Constant?.Share,
        ["confidence"] = Calibration.Confidence,
        ["expected_calibration_error"] = Calibration.ExpectedError,
        ["bins"] = new JsonArray([.. Calibration.Bins.Where(bin => bin.Count > 0).Select(bin => (JsonNode)new JsonObject
        {
            ["low"] = bin.Low,
            ["high"] = bin.High,
            ["n"] = bin.Count,
            ["confidence"] = bin.Confidence,
            ["acc"] = bin.Accuracy,
        })]),
    };

    // [[[ll, greedy]], ...]; null where a response is something else.
    private static List<double>? Likelihoods(JsonArray responses)
    {
        var likelihoods = new List<double>(responses.Count);
        foreach (JsonNode? response in responses)
        {
            if (response is not JsonArray { Count: 1 } once || once[0] is not JsonArray { Count: 2 } pair || pair[0] is not JsonValue number
                || number.GetValueKind() != JsonValueKind.Number)
            {
                return null;
            }

            likelihoods.Add(number.GetValue<double>());
        }

        return likelihoods;
    }
}
