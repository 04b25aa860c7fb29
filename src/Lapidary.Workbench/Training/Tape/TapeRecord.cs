namespace Lapidary.Workbench.Training.Tape;

/// <summary>
/// One step of a network on the tape: what its forward kernel needed, kept so that the backward kernel can run. The gradient of a value
/// is that of the loss; a record reads the gradient of its output and adds to those of its inputs and parameters.
/// </summary>
internal abstract class TapeRecord
{
    /// <summary>Carries the gradient of the output back.</summary>
    public abstract void Backward(TapeContext context);
}
