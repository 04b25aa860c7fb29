namespace Lapidary.Workbench.Training;

/// <summary>What one step of the optimizer measured.</summary>
/// <param name="Loss">Mean over the step's targets of what is minimised, in nats.</param>
/// <param name="Accuracy">Share of targets that were the most likely token.</param>
/// <param name="GradientNorm">Norm of the whole gradient before clipping; NaN if a part of it is not finite.</param>
/// <param name="LearningRate">The rate of the step.</param>
/// <param name="Tokens">Tokens that went through the network.</param>
/// <param name="NonFiniteTensor">The first tensor whose gradient is not finite, or null.</param>
/// <param name="Sparsity">Share of zeros among the weights of the matrices whose zeros are held; null where there are none.</param>
/// <param name="Examples">The examples of its batches, as indices into the data.</param>
internal readonly record struct StepResult(
    double Loss,
    double Accuracy,
    double GradientNorm,
    double LearningRate,
    long Tokens,
    string? NonFiniteTensor,
    double? Sparsity,
    IReadOnlyList<int> Examples);
