using System.Text.Json;
using Lapidary.Checkpoints;

namespace Lapidary.Workbench.Evaluation.Results;

/// <summary>Reads a samples file: the documents of one task, for each filter.</summary>
internal static class SamplesReader
{
    /// <summary>More documents than any benchmark has.</summary>
    public const int RowLimit = 5_000_000;

    private const int ChoiceLimit = 1024;
    private const int PartLimit = 1024;

    private static readonly HashSet<string> KnownMembers = new(StringComparer.Ordinal)
    {
        "doc_id", "doc", "target", "arguments", "resps", "filtered_resps", "filter", "metrics", "doc_hash", "prompt_hash", "target_hash",
    };

    /// <summary>The documents by filter, in the order of the file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="warnings">Gets what is to be said about the file.</param>
    /// <exception cref="CheckpointException">The file cannot be read, or a row has no number of its document.</exception>
    public static IReadOnlyList<ScoredItems> Read(string path, List<string> warnings)
    {
        var filters = new Dictionary<string, List<Row>>(StringComparer.Ordinal);
        var seen = new HashSet<(string, long)>();
        int rows = 0;
        int repeated = 0;
        foreach ((int line, JsonElement value) in ForeignJson.Lines(path))
        {
            if (++rows > RowLimit)
            {
                throw new CheckpointException(path, $"has more than the {RowLimit} rows that a samples file may have");
            }

            long id = value.Member("doc_id").Count()
                ?? throw ForeignJson.Fault(path, line, "has no doc_id where a row of a samples file was expected");
            string filter = value.Member("filter").Text() ?? "none";
            if (!seen.Add((filter, id)))
            {
                repeated++;
                continue;
            }

            (filters.TryGetValue(filter, out List<Row>? list) ? list : filters[filter] = []).Add(Parse(value, id));
        }

        if (rows == 0)
        {
            throw new CheckpointException(path, "is empty where rows of samples were expected");
        }

        if (repeated > 0)
        {
            warnings.Add($"{Path.GetFileName(path)}: {repeated} rows repeat a document that came before; the first one counts");
        }

        return [.. filters.Select(filter => Columns(filter.Key, filter.Value))];
    }

    private static Row Parse(JsonElement value, long id)
    {
        var row = new Row(id)
        {
            DocumentHash = value.Member("doc_hash").Text(),
            PromptHash = value.Member("prompt_hash").Text(),
            Gold = value.Member("target") is { } target ? target.ValueKind == JsonValueKind.String ? ((JsonElement?)target).Text() : target.GetRawText() : null,
            Source = value.Member("doc")?.Member("source_id").Text() is { } source ? source.Split('~', 2)[0] : null,
        };
        (row.Choices, row.Chosen, row.Confidence) = Choices(value.Member("filtered_resps"));
        foreach (string name in Metrics(value))
        {
            JsonElement? metric = value.Member(name);
            if (metric.Number() is double number)
            {
                row.Values[name] = (number, 1);
            }
            else if (MetricNames.IsWeighted(name) && metric is { ValueKind: JsonValueKind.Array } pair && pair.GetArrayLength() == 2
                && ((JsonElement?)pair[0]).Number() is double sum && ((JsonElement?)pair[1]).Number() is double and > 0 and var weight)
            {
                row.Values[name] = (sum, weight);
            }
            else if (MetricNames.IsOfParts(name) && Parts(metric) is { } parts)
            {
                row.Values[name] = parts;
            }
        }

        return row;
    }

    private static IEnumerable<string> Metrics(JsonElement value) =>
        value.Member("metrics") is { ValueKind: JsonValueKind.Array } names
            ? names.EnumerateArray().Select(name => ((JsonElement?)name).Text()).OfType<string>()
            : value.EnumerateObject().Select(member => member.Name).Where(name => !KnownMembers.Contains(name));

    // How many parts of a document are right, and how many it has: [true, false].
    private static (double Right, double Count)? Parts(JsonElement? metric)
    {
        if (metric is not { ValueKind: JsonValueKind.Array } list || list.GetArrayLength() is 0 or > PartLimit)
        {
            return null;
        }

        double right = 0;
        foreach (JsonElement part in list.EnumerateArray())
        {
            if (((JsonElement?)part).Number() is not (0.0 or 1.0) || ((JsonElement?)part).Number() is not double value)
            {
                return null;
            }

            right += value;
        }

        return (right, list.GetArrayLength());
    }

    // Log-likelihoods of choices are pairs: ["-12.3", "False"].
    private static (int Count, int Chosen, double Confidence) Choices(JsonElement? responses)
    {
        if (responses is not { ValueKind: JsonValueKind.Array } list || list.GetArrayLength() is < 2 or > ChoiceLimit)
        {
            return (0, -1, double.NaN);
        }

        var likelihoods = new List<double>();
        foreach (JsonElement response in list.EnumerateArray())
        {
            if (response.ValueKind != JsonValueKind.Array || response.GetArrayLength() != 2 || ((JsonElement?)response[0]).Number() is not double likelihood)
            {
                return (0, -1, double.NaN);
            }

            likelihoods.Add(likelihood);
        }

        (int chosen, double confidence) = ChosenAnswer.Of(likelihoods);
        return (likelihoods.Count, chosen, confidence);
    }

    private static ScoredItems Columns(string filter, List<Row> rows)
    {
        string[] names = [.. rows.SelectMany(row => row.Values.Keys).Distinct(StringComparer.Ordinal)];
        return new ScoredItems(filter)
        {
            DocumentIds = [.. rows.Select(row => row.Id)],
            DocumentHashes = rows.All(row => row.DocumentHash is not null) ? [.. rows.Select(row => row.DocumentHash!)] : null,
            PromptHashes = [.. rows.Select(row => row.PromptHash)],
            Golds = rows.All(row => row.Gold is not null) ? [.. rows.Select(row => row.Gold!)] : null,
            Choices = [.. rows.Select(row => row.Choices)],
            RightOfTwo = rows.All(row => row.RightOfTwo is not null) ? [.. rows.Select(row => row.RightOfTwo!.Value)] : null,
            Confidences = [.. rows.Select(row => row.Confidence)],
            Sources = [.. rows.Select(row => row.Source)],
            Values = names.ToDictionary(
                name => name, name => rows.Select(row => row.Values.TryGetValue(name, out (double Value, double Weight) value) ? value.Value : double.NaN).ToArray()),
            Weights = names
                .Where(name => rows.Any(row => row.Values.TryGetValue(name, out (double Value, double Weight) value) && value.Weight != 1))
                .ToDictionary(
                    name => name, name => rows.Select(row => row.Values.TryGetValue(name, out (double Value, double Weight) value) ? value.Weight : double.NaN).ToArray()),
        };
    }

    private sealed record Row(long Id)
    {
        public string? DocumentHash { get; init; }

        public string? PromptHash { get; init; }

        public string? Gold { get; init; }

        public string? Source { get; init; }

        public int Choices { get; set; }

        public int Chosen { get; set; }

        // Of two choices the accuracy tells which one is right.
        public int? RightOfTwo => Choices == 2 && Values.TryGetValue("acc", out (double Value, double Weight) accuracy) && accuracy.Value is 0 or 1
            ? accuracy.Value == 1 ? Chosen : 1 - Chosen
            : null;

        public double Confidence { get; set; }

        public Dictionary<string, (double Value, double Weight)> Values { get; } = new(StringComparer.Ordinal);
    }
}
