namespace Lapidary.Cli.Output;

/// <summary>What <c>make</c> did, or would do.</summary>
internal sealed record MakeResult(string Recipe, string Output, bool DryRun, string? Report, IReadOnlyList<MakeStepResult> Steps, double Seconds);

/// <summary>A step: <c>action</c> is reuse, resume or make.</summary>
internal sealed record MakeStepResult(
    string Name, string Command, string Action, string? Reason, double? Seconds, IReadOnlyList<string> Outputs, long? Bytes, string? Sha256);
