using Lapidary.Checkpoints;
using Lapidary.Cli.CommandLine;
using Lapidary.Cli.Models;
using Lapidary.Cli.Output;

namespace Lapidary.Cli.Commands;

/// <summary>Reports a model that was just written, by opening it as its next user will.</summary>
internal static class WrittenModel
{
    /// <summary>Writes the report.</summary>
    public static void Present(Invocation invocation, string target, TimeSpan elapsed)
    {
        using Checkpoint written = Checkpoint.Open(target);
        var result = new WrittenResult(
            target,
            written.Tensors.Count,
            ModelSummary.Parameters(written).Total,
            written.TensorBytes,
            string.Join(", ", ModelSummary.Types(written).Select(type => type.Type)),
            elapsed.TotalSeconds);
        invocation.Present(result, ResultJson.Default.WrittenResult, report => report.Line(
            $"{target}: {result.Tensors} tensors, {Units.Count(result.Parameters)} parameters, {Units.Bytes(result.Bytes)} as {result.Type}"));
    }
}
