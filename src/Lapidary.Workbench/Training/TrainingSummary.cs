namespace Lapidary.Workbench.Training;

/// <summary>What a run has done, at its end.</summary>
/// <param name="Steps">Steps that are done.</param>
/// <param name="Tokens">Tokens that the network has seen.</param>
/// <param name="Seconds">Seconds that the run took, over all its processes.</param>
/// <param name="TokensPerSecond">Tokens a second on average.</param>
/// <param name="FirstLoss">Loss of the first step in nats per target token.</param>
/// <param name="LastLoss">The smoothed loss at the end.</param>
/// <param name="BestValidationLoss">The lowest validation loss, or null.</param>
/// <param name="BestStep">The step of the lowest validation loss, or null.</param>
/// <param name="PeakMemoryBytes">The most memory that was resident.</param>
/// <param name="Files">Files and folders that were written.</param>
public sealed record TrainingSummary(
    long Steps,
    long Tokens,
    double Seconds,
    double TokensPerSecond,
    double? FirstLoss,
    double? LastLoss,
    double? BestValidationLoss,
    long? BestStep,
    long PeakMemoryBytes,
    IReadOnlyList<string> Files);
