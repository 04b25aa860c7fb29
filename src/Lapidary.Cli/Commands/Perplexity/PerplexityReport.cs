using System.Globalization;
using System.Text.Json.Nodes;
using Lapidary.Cli.CommandLine;
using Lapidary.Cli.Output;
using Lapidary.Workbench.Evaluation.Texts;

namespace Lapidary.Cli.Commands.Perplexity;

/// <summary>What <c>perplexity</c> found: the numbers of llama.cpp's block, as a table or as JSON.</summary>
internal sealed class PerplexityReport(Invocation invocation, string model, string? text, TextChunks chunks, TextScores scores)
{
    private const string PlusMinus = "\u00B1";

    /// <summary>The base as it was named; null for none.</summary>
    public required string? Base { get; init; }

    /// <summary>Whether the base is a file of recorded logits.</summary>
    public required bool IsRecorded { get; init; }

    /// <summary>The file that got the logits; null for none.</summary>
    public required string? Output { get; init; }

    /// <summary>How long the scoring took.</summary>
    public required TimeSpan Duration { get; init; }

    // The base's predictions were rounded, or they were not: one of the two stands beside every divergence.
    private string BasePrecision => IsRecorded ? "recorded in 16 bits" : "exact";

    /// <summary>Prints it.</summary>
    public void Present()
    {
        if (invocation.Json)
        {
            invocation.Write(Document(), ResultJson.Default.JsonObject);
            return;
        }

        using var report = new TextReport();
        List<(string, string)> facts = [("model", model)];
        AddWhere(text is not null, "text", text);
        AddWhere(Base is not null, "base", $"{Base} ({BasePrecision})");
        AddWhere(true, "chunks", $"{chunks.Count} of {chunks.ContextLength} tokens, {Units.Count(scores.Perplexity.Count)} tokens scored");
        AddWhere(Output is not null, "logits", Output);
        report.Pairs([.. facts]);
        report.Line();
        report.Table(["", ">value", ">" + PlusMinus], Rows());

        void AddWhere(bool isKnown, string name, string? value)
        {
            if (isKnown)
            {
                facts.Add((name, value!));
            }
        }
    }

    private IEnumerable<string[]> Rows()
    {
        if (scores.Divergence is not { } divergence)
        {
            yield return Row("PPL", scores.Perplexity.Perplexity, "0.0000", "0.00000");
            yield return Row("Mean NLL", scores.Perplexity.MeanNll, "0.000000", "0.000000");
            yield break;
        }

        yield return Row("Mean PPL(Q)", divergence.Tested.Perplexity);
        yield return Row("Mean PPL(base)", divergence.Base.Perplexity);
        yield return Row("Cor(ln(PPL(Q)), ln(PPL(base)))", Percent(divergence.Correlation, "0.00"), string.Empty);
        yield return Row("Mean ln(PPL(Q)/PPL(base))", divergence.LogRatio);
        yield return Row("Mean PPL(Q)/PPL(base)", divergence.Ratio);
        yield return Row("Mean PPL(Q)-PPL(base)", divergence.Difference);
        yield return Row(string.Empty, string.Empty, string.Empty);
        yield return Row("Mean KLD", divergence.Divergence);
        foreach ((double share, double value) in divergence.DivergenceQuantiles)
        {
            yield return Row($"{QuantileName(share)} KLD", Number(value, "0.000000"), string.Empty);
        }

        yield return Row(string.Empty, string.Empty, string.Empty);
        yield return PercentRow("Mean \u0394p", divergence.ProbabilityChange);
        foreach ((double share, double value) in divergence.ProbabilityChangeQuantiles)
        {
            yield return Row($"{QuantileName(share)} \u0394p", Percent(value, "0.000"), string.Empty);
        }

        yield return PercentRow("RMS \u0394p", divergence.RootMeanSquareChange);
        yield return PercentRow("Same top p", divergence.SameTop);
    }

    private static string[] Row(string name, string value, string error) => [name, value, error];

    private static string[] Row(string name, UncertainValue value, string form = "0.000000", string errorForm = "0.000000") =>
        Row(name, Number(value.Value, form), Number(value.Uncertainty, errorForm));

    private static string[] PercentRow(string name, UncertainValue value) => Row(name, Percent(value.Value, "0.000"), Percent(value.Uncertainty, "0.000"));

    private static string Number(double value, string form) => value.ToString(form, CultureInfo.InvariantCulture);

    private static string Percent(double share, string form) => double.IsFinite(share) ? Number(100 * share, form) + " %" : "none";

    private static string QuantileName(double share) => share switch
    {
        1 => "Maximum",
        0 => "Minimum",
        0.5 => "Median",
        _ => Number(100 * share, "0.0") + "%",
    };

    private JsonObject Document()
    {
        var document = new JsonObject
        {
            ["model"] = model,
            ["text"] = text,
            ["context"] = chunks.ContextLength,
            ["chunks"] = chunks.Count,
            ["tokens_scored"] = scores.Perplexity.Count,
            ["perplexity"] = Value(scores.Perplexity.Perplexity),
            ["mean_nll"] = Value(scores.Perplexity.MeanNll),
        };
        if (scores.Divergence is { } divergence)
        {
            document["base"] = new JsonObject
            {
                ["source"] = Base, ["kind"] = IsRecorded ? "logits" : "model", ["precision"] = IsRecorded ? "16 bits" : "exact",
            };
            document["divergence"] = Divergence(divergence);
        }

        document["chunk_scores"] = new JsonArray([.. scores.Chunks.Select(Chunk)]);
        document["logits"] = Output;
        document["seconds"] = Duration.TotalSeconds;
        return document;
    }

    private static JsonObject Divergence(DivergenceStatistics divergence) => new()
    {
        ["perplexity_tested"] = Value(divergence.Tested.Perplexity),
        ["perplexity_base"] = Value(divergence.Base.Perplexity),
        ["mean_nll_tested"] = Value(divergence.Tested.MeanNll),
        ["mean_nll_base"] = Value(divergence.Base.MeanNll),
        ["covariance"] = divergence.Covariance,
        ["correlation"] = double.IsFinite(divergence.Correlation) ? divergence.Correlation : null,
        ["ln_ratio"] = Value(divergence.LogRatio),
        ["ratio"] = Value(divergence.Ratio),
        ["difference"] = Value(divergence.Difference),
        ["kld"] = Quantiles(divergence.Divergence, divergence.DivergenceQuantiles),
        ["delta_p"] = Quantiles(divergence.ProbabilityChange, divergence.ProbabilityChangeQuantiles),
        ["delta_p_rms"] = Value(divergence.RootMeanSquareChange),
        ["same_top"] = Value(divergence.SameTop),
    };

    private static JsonObject Quantiles(UncertainValue mean, IReadOnlyList<KeyValuePair<double, double>> quantiles)
    {
        var values = new JsonObject { ["mean"] = mean.Value, ["stderr"] = mean.Uncertainty };
        foreach ((double share, double value) in quantiles)
        {
            values[QuantileName(share).ToLowerInvariant()] = value;
        }

        return values;
    }

    private static JsonObject Value(UncertainValue value) => new() { ["value"] = value.Value, ["stderr"] = value.Uncertainty };

    private static JsonNode Chunk(ChunkScore chunk)
    {
        var values = new JsonObject { ["mean_nll"] = chunk.MeanNll };
        if (chunk.Divergence is not null)
        {
            values["mean_nll_base"] = chunk.BaseMeanNll;
            values["kld"] = chunk.Divergence;
            values["same_top"] = chunk.SameTop;
        }

        return values;
    }
}
