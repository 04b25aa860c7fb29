using Lapidary.Cli.CommandLine;
using Lapidary.Cli.Output;
using Lapidary.Workbench.Compression;
using Lapidary.Workbench.Training;

namespace Lapidary.Cli.Commands.Training;

/// <summary>What is said at the end of a training.</summary>
internal static class TrainingReport
{
    /// <summary>Writes the summary.</summary>
    public static void Present(Invocation invocation, TrainingResult result, string folder) =>
        invocation.Present(new TuneResult(folder, result.Summary, result.Validation, result.Divergence, Zeros(result)), ResultJson.Default.TuneResult, report =>
        {
            TrainingSummaryTable.Draw(report, result.Summary);
            Draw(report, "validation loss", result.Validation);
            Draw(report, "divergence from the teacher", result.Divergence);
            if (result.Sparsity is { } zeros)
            {
                report.Line(FormattableString.Invariant(
                    $"sparsity {100 * zeros.LinearLayers.Sparsity:0.00} % of the linear layers, {100 * zeros.Model.Sparsity:0.00} % of the model"));
            }
        });

    private static TunedZeros? Zeros(TrainingResult result) =>
        result.Sparsity is { } sparsity ? new TunedZeros(Zeros(sparsity.LinearLayers), Zeros(sparsity.Model)) : null;

    private static ZerosResult Zeros(ZeroCount count) => new(count.Zeros, count.Total, count.Sparsity);

    private static void Draw(TextReport report, string title, ValidationChange? change)
    {
        if (change is not null)
        {
            string verdict = change.IsSignificant ? change.Difference < 0 ? "better" : "worse" : "no difference that can be told from noise";
            report.Line(FormattableString.Invariant(
                $"{title} {change.Before:0.0000} -> {change.After:0.0000} ({change.Difference:+0.0000;-0.0000} +- {change.HalfWidth:0.0000}, 95 %, {change.Examples} examples): {verdict}"));
        }
    }
}
