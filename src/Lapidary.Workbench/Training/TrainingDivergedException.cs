namespace Lapidary.Workbench.Training;

/// <summary>
/// A run was stopped because its loss or its gradient left the range of numbers, or because the loss rose and stayed up. The message is one
/// sentence with the step, the reason, the examples of the batch and, where it is known, the tensor.
/// </summary>
public sealed class TrainingDivergedException : Exception
{
    /// <summary>A run that was stopped at a step.</summary>
    /// <param name="step">The step, counted from 1.</param>
    /// <param name="message">The whole sentence.</param>
    public TrainingDivergedException(long step, string message)
        : base(message)
    {
        Step = step;
    }

    /// <summary>The step, counted from 1.</summary>
    public long Step { get; }
}
