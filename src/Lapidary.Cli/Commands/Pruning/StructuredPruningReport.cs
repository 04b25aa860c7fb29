using System.Collections.Immutable;
using System.Globalization;
using Lapidary.Checkpoints;
using Lapidary.Cli.Models;
using Lapidary.Cli.Output;
using Lapidary.Networks;
using Lapidary.Workbench.Compression;
using Lapidary.Workbench.Evaluation.Texts;

namespace Lapidary.Cli.Commands.Pruning;

/// <summary>The result of <c>prune --method depth</c> and <c>width</c>.</summary>
internal static class StructuredPruningReport
{
    private const int SmallestBlock = 32;

    /// <summary>Gathers the facts.</summary>
    public static StructuredPruneResult Create(
        PruningRequest request,
        StructuredPlan plan,
        Checkpoint source,
        Checkpoint written,
        TextChunks? chunks,
        string? depthScore,
        ImmutableArray<double> scores,
        KeptShares? shares,
        TimeSpan elapsed)
    {
        static double? At(ImmutableArray<double>? values, int layer) => values is { IsEmpty: false } some ? some[layer] : null;
        TensorInfo[] before = [.. plan.Source.ExpectedTensors().Select(tensor => source.Tensors[tensor.Name])];
        long total = before.Sum(tensor => tensor.Length), embedding = source.Tensors[TensorNames.Embedding].Length;
        return new StructuredPruneResult(
            request.Model,
            request.Output,
            shares is null ? "depth" : "width",
            request.TextPath,
            chunks?.Count,
            chunks?.ContextLength,
            depthScore,
            [
                .. plan.Source.Layers.Select((spec, layer) => new PrunedLayerResult(
                    layer,
                    spec.Window is null ? "full_attention" : "sliding_attention",
                    plan.Layers.Contains(layer),
                    At(scores, layer),
                    At(shares?.Neurons, layer),
                    At(shares?.Heads, layer),
                    plan.Heads.IsEmpty ? null : plan.Heads[layer])),
            ],
            shares?.Channels,
            ModelSummary.Sizes(plan.Source),
            ModelSummary.Sizes(plan.Config),
            new ParameterResult(total, embedding, total - embedding),
            ModelSummary.Parameters(written),
            before.Sum(tensor => tensor.ByteLength),
            written.TensorBytes,
            [.. Notes(plan, source, written)],
            elapsed.TotalSeconds);
    }

    /// <summary>Draws it for a reader.</summary>
    public static void Draw(TextReport report, StructuredPruneResult result)
    {
        string[] headings = result.Method == "depth"
            ? ["layer", "attention", ">score", string.Empty]
            : ["layer", "attention", ">neurons kept", ">heads kept", "heads"];
        report.Table(headings, result.Layers.Select(layer => result.Method == "depth"
            ? new[] { $"{layer.Layer}", Short(layer), Score(layer.Score), layer.Kept ? "kept" : "left out" }
            : [$"{layer.Layer}", Short(layer), Share(layer.NeuronShare), Share(layer.HeadShare), layer.Heads is { } heads ? string.Join(',', heads) : "all"]));
        report.Line();
        ArchitectureResult before = result.SizesBefore, after = result.Sizes;
        (string Name, int Before, int After)[] sizes =
        [
            ("layers", before.Layers, after.Layers),
            ("hidden", before.Hidden, after.Hidden),
            ("intermediate", before.Intermediate, after.Intermediate),
            ("heads", before.Heads, after.Heads),
            ("heads of keys and values", before.KeyValueHeads, after.KeyValueHeads),
        ];
        var rows = new List<string[]>();
        rows.AddRange(sizes.Select(size => Row(size.Name, size.Before, size.After)));
        rows.Add(Row("parameters", result.ParametersBefore.Total, result.Parameters.Total));
        rows.Add(Row("  embedding", result.ParametersBefore.Embedding, result.Parameters.Embedding));
        rows.Add(Row("  other", result.ParametersBefore.Other, result.Parameters.Other));
        rows.Add(["size", Units.Bytes(result.BytesBefore), Units.Bytes(result.Bytes), Percent(result.Bytes, result.BytesBefore)]);
        report.Table([string.Empty, ">before", ">after", string.Empty], rows);
        if (result.ChannelShare is double channels)
        {
            report.Line();
            report.Line($"channels: {Share(channels)} of their scores kept");
        }

        report.Line();
        report.Line($"{result.Output}: {Units.Count(result.Parameters.Total)} parameters, {Units.Bytes(result.Bytes)}");
        foreach (string note in result.Notes)
        {
            report.Line($"note: {note}");
        }
    }

    private static IEnumerable<string> Notes(StructuredPlan plan, Checkpoint source, Checkpoint written)
    {
        if (source is HuggingFaceFolder folder && folder.Config.TryGetProperty("text_config", out _))
        {
            yield return "the model is multimodal; its text part was written";
        }

        Gemma3Config config = plan.Config;
        if (config.Layers.All(layer => layer.Window is not null) && plan.Source.Layers.Any(layer => layer.Window is null))
        {
            yield return $"no layer with full attention is left: each sees {config.SlidingWindow} tokens";
        }

        if (GgufNote(written) is { } note)
        {
            yield return note;
        }

        (string Name, int Before, int After)[] rows =
        [
            ("hidden", plan.Source.HiddenSize, config.HiddenSize),
            ("intermediate", plan.Source.IntermediateSize, config.IntermediateSize),
            ("heads x width of a head", plan.Source.HeadCount * plan.Source.HeadDimension, config.HeadCount * config.HeadDimension),
        ];
        foreach ((string name, _, int size) in rows.Where(row => row.Before % SmallestBlock == 0 && row.After % SmallestBlock != 0))
        {
            yield return $"{name} is {size}, no multiple of {SmallestBlock}: quantize has no type for such rows but F32, F16 and BF16";
        }
    }

    // What a GGUF file can say of the model is what the plan of one says, which reads headers only.
    private static string? GgufNote(Checkpoint written)
    {
        try
        {
            var plan = GgufPlan.Create(written, (_, _) => StoredType.Of(Numerics.ElementType.F32), fileType: 0, withTokenizer: false);
            return plan.Metadata.Contains("gemma3.attention.sliding_window_pattern")
                ? "the layers with full attention are not every sixth any more; config.json (layer_types) and GGUF files say which they are, and "
                    + "programs that are too old to read that run the model with wrong windows"
                : null;
        }
        catch (CheckpointException exception)
        {
            return $"no GGUF file can be written of it: {exception.Message}";
        }
    }

    private static string[] Row(string name, long before, long after) =>
        [name, Units.Count(before), Units.Count(after), Percent(after, before)];

    private static string Percent(long part, long whole) =>
        whole == 0 ? string.Empty : (100.0 * part / whole).ToString("0.0", CultureInfo.InvariantCulture) + " %";

    private static string Short(PrunedLayerResult layer) => layer.Type == "full_attention" ? "full" : "sliding";

    private static string Score(double? score) => score?.ToString("0.0000", CultureInfo.InvariantCulture) ?? "-";

    private static string Share(double? share) => share is double value ? (100 * value).ToString("0.0", CultureInfo.InvariantCulture) + " %" : "all";
}
