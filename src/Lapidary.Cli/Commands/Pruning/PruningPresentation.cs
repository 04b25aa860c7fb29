using System.Globalization;
using Lapidary.Cli.Output;
using Lapidary.Workbench.Compression;

namespace Lapidary.Cli.Commands.Pruning;

/// <summary>The zeros of a model, for programs and for readers.</summary>
internal static class PruningPresentation
{
    private static readonly string[] Modules = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"];

    /// <summary>The result of a report alone.</summary>
    /// <param name="report">The zeros.</param>
    /// <param name="output">The folder that was written; null where nothing was.</param>
    public static PruneResult Create(PruningReport report, string? output) => new()
    {
        Output = output,
        Selected = Of(report.Selected),
        LinearLayers = Of(report.Linears),
        Model = Of(report.Model),
        Layers = [.. report.Layers.Select(layer => new LayerZerosResult(layer.Key, layer.Value.Zeros, layer.Value.Total, layer.Value.Sparsity))],
        Tensors = [.. report.Tensors.Select(tensor => new TensorZerosResult(tensor.Name, tensor.Count.Zeros, tensor.Count.Total, tensor.Count.Sparsity))],
    };

    /// <summary>Draws it for a reader.</summary>
    public static void Draw(TextReport report, PruneResult result)
    {
        Dictionary<string, TensorZerosResult> byName = result.Tensors.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        if (result.Layers.Count > 0)
        {
            report.Table(
                [">layer", ">q", ">k", ">v", ">o", ">gate", ">up", ">down", ">all"],
                result.Layers.Select(layer => (string[])
                [
                    Units.Count(layer.Layer),
                    .. Modules.Select((module, i) =>
                        byName.TryGetValue($"model.layers.{layer.Layer}.{(i < 4 ? "self_attn" : "mlp")}.{module}.weight", out TensorZerosResult? tensor)
                            ? Percent(tensor.Sparsity)
                            : "-"),
                    Percent(layer.Sparsity),
                ]));
            report.Line();
        }

        string[] headings = ["weights", ">zeros", ">of", ">sparsity"];
        report.Table(headings, [Row("selected", result.Selected), Row("linear layers", result.LinearLayers), Row("whole model", result.Model)]);
        if (result.Output is { } output)
        {
            report.Line();
            string how = result.Pattern is { } pattern ? pattern : Percent(result.TargetSparsity ?? 0) + " %";
            string text = result.Chunks is { } chunks ? $", {chunks} chunks of {result.Context} tokens" : string.Empty;
            report.Line($"{output}: {result.Method}, {how}{text}; {PruningFiles.Table}, {PruningFiles.Json} and {PruningFiles.Picture} say what is 0");
        }
    }

    private static ZerosResult Of(ZeroCount count) => new(count.Zeros, count.Total, count.Sparsity);

    private static string[] Row(string name, ZerosResult count) =>
        [name, Units.Count(count.Zeros), Units.Count(count.Parameters), Percent(count.Sparsity) + " %"];

    private static string Percent(double share) => (100 * share).ToString("0.00", CultureInfo.InvariantCulture);
}
