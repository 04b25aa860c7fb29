using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Lapidary.Checkpoints;
using Lapidary.Workbench.Reports;

namespace Lapidary.Workbench.Compression;

/// <summary>The files about the zeros of a pruned checkpoint: for programs, for readers, and as a picture.</summary>
public static class PruningFiles
{
    /// <summary>What was done and every count.</summary>
    public const string Json = "sparsity.json";

    /// <summary>The same as tables.</summary>
    public const string Table = "sparsity.md";

    /// <summary>A heat map: layers by their seven matrices.</summary>
    public const string Picture = "sparsity.svg";

    /// <summary>The heat map of a report.</summary>
    public static HeatMap HeatMap(PruningReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        // The layers that there are, whatever their numbers.
        var values = new SortedDictionary<int, double?[]>();
        foreach (TensorSparsity tensor in report.Tensors.Where(tensor => TensorSelection.IsDecoderLinear(tensor.Name)))
        {
            if (!values.TryGetValue(tensor.Layer, out double?[]? row))
            {
                values.Add(tensor.Layer, row = new double?[InputSquares.Matrices.Length]);
            }

            row[SelectedMatrices.OrderOf(tensor.Name)] = tensor.Count.Sparsity;
        }

        return new HeatMap
        {
            Title = "Sparsity",
            Subtitle = $"zeros: {Percent(report.Linears)} of the linear layers, {Percent(report.Model)} of the whole model",
            Description = $"Share of zeros of {values.Count} layers by seven matrices; {Percent(report.Linears)} in all of them together.",
            Columns = ["q", "k", "v", "o", "gate", "up", "down"],
            Rows = [.. values.Keys.Select(layer => layer.ToString(CultureInfo.InvariantCulture))],
            RowLabel = "layer",
            Values = [.. values.Values],
        };
    }

    /// <summary>Adds the files to a checkpoint that is being written.</summary>
    internal static void Write(OutputFolder output, PruningReport report, Checkpoint source, PruningRecord record)
    {
        output.Write(Json, Describe(report, source, record));
        output.Write(Table, Encoding.UTF8.GetBytes(Tables(report, record)));
        output.Write(Picture, HeatMap(report).ToBytes());
    }

    private static JsonObject Describe(PruningReport report, Checkpoint source, PruningRecord record)
    {
        PruningOptions options = record.Options;
        var described = new JsonObject
        {
            ["source"] = source.Path,
            ["method"] = NameOf(options.Method),
            ["target_sparsity"] = options.Target,
            ["pattern"] = options.Pattern?.ToString(),
            ["scope"] = options.Method == PruningMethod.Magnitude && options.Pattern is null ? NameOf(options.Scope) : null,
            ["include"] = List(options.Selection.Include),
            ["exclude"] = List(options.Selection.Exclude),
        };
        if (options.Method == PruningMethod.SparseGpt)
        {
            described["damping"] = options.Damping;
            described["block_size"] = options.BlockSize;
        }

        if (options.Owl is { } owl)
        {
            described["owl"] = new JsonObject { ["m"] = owl.Multiple, ["lambda"] = owl.Range };
        }

        if (record.Calibration is { } calibration)
        {
            described["calibration"] = new JsonObject
            {
                ["chunks"] = calibration.Count, ["context"] = calibration.ContextLength, ["tokens"] = (long)calibration.Count * calibration.ContextLength,
            };
        }

        described["selected"] = Describe(report.Selected);
        described["linear_layers"] = Describe(report.Linears);
        described["model"] = Describe(report.Model);
        var layers = new JsonArray();
        foreach ((int layer, ZeroCount count) in report.Layers)
        {
            JsonObject entry = Describe(count);
            entry.Insert(0, "layer", layer);
            if (record.LayerSparsities?.TryGetValue(layer, out double target) == true)
            {
                entry["target"] = target;
            }

            layers.Add((JsonNode)entry);
        }

        described["layers"] = layers;
        var tensors = new JsonArray();
        foreach (TensorSparsity tensor in report.Tensors)
        {
            JsonObject entry = Describe(tensor.Count);
            entry.Insert(0, "name", tensor.Name);
            tensors.Add((JsonNode)entry);
        }

        described["tensors"] = tensors;
        return described;
    }

    private static JsonObject Describe(ZeroCount count) => new()
    {
        ["zeros"] = count.Zeros, ["parameters"] = count.Total, ["sparsity"] = count.Sparsity,
    };

    private static JsonArray List(IReadOnlyList<string> patterns) => new([.. patterns.Select(pattern => (JsonNode)pattern)]);

    private static string Tables(PruningReport report, PruningRecord record)
    {
        var text = new StringBuilder();
        PruningOptions options = record.Options;
        string target = options.Pattern?.ToString() ?? Percent(options.Target);
        string allocation = options.Owl is null ? string.Empty : ", by layer with OWL";
        text.Append("# Sparsity\n\n").Append(CultureInfo.InvariantCulture, $"Pruned by {NameOf(options.Method)}, {target}{allocation}.");
        if (record.Calibration is { } calibration)
        {
            text.Append(CultureInfo.InvariantCulture, $" Calibrated on {calibration.Count} chunks of {calibration.ContextLength} tokens.");
        }

        text.Append("\n\n| weights | zeros | of | sparsity |\n|---|---:|---:|---:|\n");
        Row(text, "selected matrices", report.Selected);
        Row(text, "linear layers", report.Linears);
        Row(text, "whole model", report.Model);
        text.Append("\n![sparsity of each matrix](").Append(Picture).Append(")\n\n| layer | zeros | of | sparsity |\n|---|---:|---:|---:|\n");
        foreach ((int layer, ZeroCount count) in report.Layers)
        {
            Row(text, layer.ToString(CultureInfo.InvariantCulture), count);
        }

        text.Append("\n| tensor | zeros | of | sparsity |\n|---|---:|---:|---:|\n");
        foreach (TensorSparsity tensor in report.Tensors.Where(tensor => tensor.IsSelected || tensor.Count.Zeros > 0))
        {
            Row(text, tensor.Name, tensor.Count);
        }

        return text.ToString();
    }

    private static void Row(StringBuilder text, string name, ZeroCount count) => text.Append(
        CultureInfo.InvariantCulture, $"| {name} | {count.Zeros:N0} | {count.Total:N0} | {Percent(count)} |\n");

    private static string Percent(ZeroCount count) => Percent(count.Sparsity);

    private static string Percent(double share) => (100 * share).ToString("0.00", CultureInfo.InvariantCulture) + " %";

    private static string NameOf<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
