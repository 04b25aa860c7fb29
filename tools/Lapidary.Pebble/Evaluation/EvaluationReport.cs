using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Lapidary.Checkpoints;

namespace Lapidary.Pebble.Evaluation;

/// <summary>The scores of one model, as JSON and as a table.</summary>
/// <param name="Model">What the model is called.</param>
/// <param name="Scores">The scores, in the order of the tests.</param>
internal sealed record EvaluationReport(string Model, IReadOnlyList<TestScore> Scores)
{
    /// <summary>As it is written into a file of results.</summary>
    public JsonObject ToJson() => new()
    {
        ["model"] = Model,
        ["scores"] = new JsonArray([.. Scores.Select(score => new JsonObject
        {
            ["test"] = score.Test,
            ["measure"] = score.Measure,
            ["hits"] = score.Result.Hits,
            ["total"] = score.Result.Total,
            ["share"] = score.Result.Share,
            ["low"] = score.Result.Low,
            ["high"] = score.Result.High,
        })]),
    };

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="CheckpointException">The file is not one of results.</exception>
    public static EvaluationReport Read(string path)
    {
        try
        {
            JsonNode json = JsonNode.Parse(File.ReadAllText(path))!;
            return new EvaluationReport(
                json["model"]!.GetValue<string>(),
                [
                    .. json["scores"]!.AsArray().Select(score => new TestScore(
                        score!["test"]!.GetValue<string>(),
                        score["measure"]!.GetValue<string>(),
                        new Proportion(score["hits"]!.GetValue<int>(), score["total"]!.GetValue<int>()))),
                ]);
        }
        catch (Exception thrown) when (thrown is System.Text.Json.JsonException or InvalidOperationException or FormatException or NullReferenceException or IOException)
        {
            throw new CheckpointException(path, "is not a file of results", thrown);
        }
    }

    /// <summary>The scores of several models side by side: a row for a test and a measure, a column for a model.</summary>
    public static string Table(IReadOnlyList<EvaluationReport> reports)
    {
        var text = new StringBuilder("| test | measure | n |");
        text.Append(string.Concat(reports.Select(report => $" {report.Model} |"))).Append("\n| --- | --- | --- |");
        text.Append(string.Concat(reports.Select(_ => " --- |"))).Append('\n');
        foreach ((string test, string measure) in reports.SelectMany(report => report.Scores).Select(score => (score.Test, score.Measure)).Distinct())
        {
            List<TestScore?> row = [.. reports.Select(report => report.Scores.FirstOrDefault(score => score.Test == test && score.Measure == measure))];
            text.Append($"| {test} | {measure} | {row.First(score => score is not null)!.Result.Total} |");
            text.Append(string.Concat(row.Select(score => $" {(score is null ? "" : Percent(score.Result))} |"))).Append('\n');
        }

        return text.ToString();
    }

    private static string Percent(Proportion result) =>
        string.Create(CultureInfo.InvariantCulture, $"{100 * result.Share:F1} % ({100 * result.Low:F1} to {100 * result.High:F1})");
}
