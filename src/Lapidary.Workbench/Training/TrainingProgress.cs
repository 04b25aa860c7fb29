namespace Lapidary.Workbench.Training;

/// <summary>Where a run stands after a step, for whoever watches it.</summary>
/// <param name="Step">Steps that are done.</param>
/// <param name="TotalSteps">Steps in all.</param>
/// <param name="Epoch">Passes over the data, with their fraction.</param>
/// <param name="Loss">Loss of the step in nats per target token.</param>
/// <param name="SmoothedLoss">The exponential moving average of the loss.</param>
/// <param name="LearningRate">The learning rate of the step.</param>
/// <param name="GradientNorm">Norm of the whole gradient before clipping.</param>
/// <param name="TokensPerSecond">Tokens a second, averaged over the latest steps.</param>
/// <param name="Elapsed">Time since the beginning of the run, over all its processes.</param>
/// <param name="Remaining">Estimated time that is left, or null before the first step of this process.</param>
/// <param name="ResidentBytes">Memory that is resident.</param>
/// <param name="ValidationLoss">The latest validation loss, or null.</param>
/// <param name="Sparsity">Share of zeros in the matrices whose zeros are held, in the step; null where there are none.</param>
/// <param name="IsValidation">Whether this report was made because <paramref name="ValidationLoss"/> is new.</param>
public sealed record TrainingProgress(
    long Step,
    long TotalSteps,
    double Epoch,
    double Loss,
    double SmoothedLoss,
    double LearningRate,
    double GradientNorm,
    double TokensPerSecond,
    TimeSpan Elapsed,
    TimeSpan? Remaining,
    long ResidentBytes,
    double? ValidationLoss,
    double? Sparsity = null,
    bool IsValidation = false);
