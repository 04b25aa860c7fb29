namespace Lapidary.Workbench.Evaluation.Energy;

/// <summary>The energy that the processors of the machine took over a time, with everything else that ran on them.</summary>
/// <param name="Joules">The energy; null where it cannot be measured.</param>
/// <param name="Domains">The counters that were read, such as <c>package-0</c>; empty where there are none.</param>
/// <param name="Reason">Why it cannot be measured; null where it can.</param>
public sealed record EnergyReading(double? Joules, IReadOnlyList<string> Domains, string? Reason);
