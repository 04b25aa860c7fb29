namespace Lapidary.Workbench.Training;

/// <summary>What came out of a run.</summary>
/// <param name="Summary">Steps, tokens, time, losses, memory.</param>
/// <param name="Validation">How the validation loss changed, or null without validation data.</param>
/// <param name="Divergence">How the KL divergence of a running teacher from the model changed on the validation data, or null.</param>
/// <param name="Sparsity">Zeros in the model that was written; null where no zeros were held.</param>
public sealed record TrainingResult(
    TrainingSummary Summary, ValidationChange? Validation, ValidationChange? Divergence, TrainedSparsity? Sparsity);
