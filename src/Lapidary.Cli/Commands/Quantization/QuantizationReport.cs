using System.Globalization;
using Lapidary.Cli.Output;
using Lapidary.Networks;
using Lapidary.Workbench.Compression;
using Lapidary.Workbench.Compression.Search;

namespace Lapidary.Cli.Commands.Quantization;

/// <summary>The result of <c>quantize</c>.</summary>
internal static class QuantizationReport
{
    /// <summary>Adds up what a plan writes.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="options">How it was made.</param>
    /// <param name="output">The file that was written; null where only types are asked for.</param>
    /// <param name="elapsed">How long that took.</param>
    /// <param name="found">What a search found; null where there was none.</param>
    public static QuantizeResult Create(
        GgufPlan plan, QuantizationOptions options, string? output, TimeSpan elapsed, TypeSearchResult? found = null)
    {
        long parameters = plan.Tensors.Sum(tensor => tensor.Source.Length);
        long bytes = plan.Tensors.Sum(tensor => tensor.Target.ByteLength);
        return new QuantizeResult(
            output,
            found is null ? options.Mix.Name : "search",
            options.Pure,
            options.Importance?.Path,
            options.Importance?.Entries.Count,
            plan.Tensors.Count,
            parameters,
            plan.Tensors.Sum(tensor => tensor.Source.ByteLength),
            bytes,
            8.0 * bytes / parameters,
            [
                .. plan.Tensors
                    .GroupBy(tensor => tensor.Target.Type.ToString())
                    .Select(group => new TypeResult(
                        group.Key, group.Count(), group.Sum(tensor => tensor.Source.Length), group.Sum(tensor => tensor.Target.ByteLength)))
                    .OrderByDescending(type => type.Bytes)
                    .ThenBy(type => type.Type, StringComparer.Ordinal),
            ],
            output is not null ? null :
            [
                .. plan.Tensors.Select(tensor => new QuantizedTensorResult(
                    tensor.Target.Name,
                    tensor.Target.Type.ToString(),
                    tensor.Source.Type.ToString(),
                    tensor.Target.Shape,
                    tensor.Source.ByteLength,
                    tensor.Target.ByteLength)),
            ],
            output is null ? null : new FileInfo(output).Length,
            output is null ? null : elapsed.TotalSeconds,
            found is null ? null : SearchReport.Create(found));
    }

    /// <summary>Draws it for a reader.</summary>
    public static void Draw(TextReport report, QuantizeResult result)
    {
        if (result.TensorTypes is { } tensors)
        {
            report.Table(
                ["tensor", "shape", "from", "to", ">before", ">after"],
                tensors.Select(tensor => new[]
                {
                    tensor.Name,
                    $"[{string.Join(", ", tensor.Shape)}]",
                    tensor.Source,
                    tensor.Type,
                    Units.Bytes(tensor.BytesBefore),
                    Units.Bytes(tensor.Bytes),
                }));
            report.Line();
        }

        report.Table(
            ["type", ">tensors", ">parameters", ">size"],
            result.Types.Select(type => new[] { type.Type, Units.Count(type.Tensors), Units.Count(type.Parameters), Units.Bytes(type.Bytes) }));
        report.Line();
        string title = result.Output is { } output ? output + ": " : string.Empty;
        string bits = result.BitsPerWeight.ToString("0.00", CultureInfo.InvariantCulture);
        string weighed = result.Imatrix is { } importance ? $", errors weighed by {importance} ({result.ImatrixEntries} matrices)" : string.Empty;
        report.Line(
            $"{title}{result.Type}{(result.Pure ? " (pure)" : string.Empty)}, {result.Tensors} tensors, {Units.Count(result.Parameters)} parameters, "
            + $"{Units.Bytes(result.BytesBefore)} to {Units.Bytes(result.Bytes)}, {bits} bits per weight{weighed}");
        if (result.Search is { } search)
        {
            SearchReport.Draw(report, search);
        }
    }
}
