using Lapidary.Cli.CommandLine;
using Lapidary.Cli.Output;
using Lapidary.Workbench.Training;

namespace Lapidary.Cli.Commands.Training;

/// <summary>What a training is going to need, as a person reads it.</summary>
internal static class EstimateReport
{
    /// <summary>The estimate as one line.</summary>
    public static string Line(TrainingEstimate estimate, TrainingWorkload workload) => FormattableString.Invariant(
        $"estimate: {Units.Count(workload.TrainedParameters)} parameters trained, {Units.Count(workload.Steps)} steps, about {Units.Bytes(estimate.Bytes)} of memory and {Time(estimate.Seconds)} at {estimate.TokensPerSecond:0} tokens/s");

    /// <summary>The estimate with its parts.</summary>
    public static void Present(Invocation invocation, TrainingEstimate estimate, TrainingWorkload workload)
    {
        var result = new EstimateResult(
            workload.TrainedParameters,
            workload.Steps,
            workload.Tokens ?? 0,
            estimate.Bytes,
            estimate.Breakdown.ToDictionary(part => part.Name, part => part.Bytes),
            estimate.Seconds,
            estimate.TokensPerSecond);
        invocation.Present(result, ResultJson.Default.EstimateResult, report =>
        {
            report.Pairs(
                ("parameters trained", Units.Count(result.TrainedParameters)),
                ("steps", Units.Count(result.Steps)),
                ("tokens", Units.Count(result.Tokens)),
                ("memory", Units.Bytes(result.MemoryBytes)));
            foreach ((string name, long bytes) in estimate.Breakdown)
            {
                report.Line($"  {name,-18}{Units.Bytes(bytes)}");
            }

            report.Pairs(("time", Time(result.Seconds)), ("tokens/s", Units.Rate(result.TokensPerSecond)));
        });
    }

    private static string Time(double seconds) => seconds switch
    {
        < 90 => FormattableString.Invariant($"{seconds:0} s"),
        < 5400 => FormattableString.Invariant($"{seconds / 60:0} min"),
        _ => FormattableString.Invariant($"{seconds / 3600:0.0} h"),
    };
}
