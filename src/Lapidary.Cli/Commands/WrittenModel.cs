using Lapidary.Checkpoints;
using Lapidary.Cli.CommandLine;
using Lapidary.Cli.Models;
using Lapidary.Cli.Output;
using Lapidary.Networks;

namespace Lapidary.Cli.Commands;

/// <summary>Reports a model that was just written, by opening it as its next user will.</summary>
internal static class WrittenModel
{
    /// <summary>Writes the report.</summary>
    /// <param name="invocation">Where to.</param>
    /// <param name="target">The model.</param>
    /// <param name="elapsed">What it took.</param>
    /// <param name="zeros">What a merge did to a pruned base, or null.</param>
    public static void Present(Invocation invocation, string target, TimeSpan elapsed, MergedZeros? zeros = null)
    {
        using Checkpoint written = Checkpoint.Open(target);
        var result = new WrittenResult(
            target,
            written.Tensors.Count,
            ModelSummary.Parameters(written).Total,
            written.TensorBytes,
            string.Join(", ", ModelSummary.Types(written).Select(type => type.Type)),
            elapsed.TotalSeconds,
            zeros);
        invocation.Present(result, ResultJson.Default.WrittenResult, report => report.Line(
            $"{target}: {result.Tensors} tensors, {Units.Count(result.Parameters)} parameters, {Units.Bytes(result.Bytes)} as {result.Type}"));
    }
}
