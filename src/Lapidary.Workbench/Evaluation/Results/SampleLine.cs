using System.Globalization;
using System.Text.Json.Nodes;

namespace Lapidary.Workbench.Evaluation.Results;

/// <summary>A line of a samples file.</summary>
internal static class SampleLine
{
    /// <summary>The line, and the three hashes of its row behind each other, of which the hash of the task is made.</summary>
    public static (JsonObject Line, string Hashes) Create(SampleRow row)
    {
        string target = PythonText.Str(row.Target);
        string documentHash = ResultHash.OfDocument(row.Document);
        string promptHash = ResultHash.OfText(row.Arguments is [[var context, ..], ..] ? PythonText.Str(context) : string.Empty);
        string targetHash = ResultHash.OfText(target);
        var metrics = new JsonArray();
        foreach (KeyValuePair<string, JsonNode?> metric in row.Metrics)
        {
            metrics.Add((JsonNode?)metric.Key);
        }

        var line = new JsonObject
        {
            ["doc_id"] = row.DocumentId,
            ["doc"] = row.Document.DeepClone(),
            ["target"] = target,
            ["arguments"] = Arguments(row.Arguments),
            ["resps"] = Texts(row.Responses),
            ["filtered_resps"] = Texts(row.FilteredResponses),
            ["filter"] = row.Filter,
            ["metrics"] = metrics,
            ["doc_hash"] = documentHash,
            ["prompt_hash"] = promptHash,
            ["target_hash"] = targetHash,
        };
        foreach ((string name, JsonNode? value) in row.Metrics.Concat(row.Details))
        {
            line[name] = value?.DeepClone();
        }

        return (line, documentHash + promptHash + targetHash);
    }

    private static JsonObject Arguments(IReadOnlyList<IReadOnlyList<JsonNode>> requests)
    {
        var arguments = new JsonObject();
        for (int i = 0; i < requests.Count; i++)
        {
            var one = new JsonObject();
            for (int j = 0; j < requests[i].Count; j++)
            {
                one["arg_" + j.ToString(CultureInfo.InvariantCulture)] = requests[i][j].DeepClone();
            }

            arguments["gen_args_" + i.ToString(CultureInfo.InvariantCulture)] = one;
        }

        return arguments;
    }

    private static JsonNode Texts(JsonNode? value)
    {
        if (value is not JsonArray items)
        {
            return PythonText.Str(value);
        }

        var texts = new JsonArray();
        foreach (JsonNode? item in items)
        {
            texts.Add(Texts(item));
        }

        return texts;
    }
}
