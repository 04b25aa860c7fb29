namespace Lapidary.Workbench.Training;

/// <summary>How weights follow their gradients.</summary>
public enum OptimizerKind
{
    /// <summary>Adam with decoupled weight decay; two numbers of state per weight.</summary>
    AdamW,

    /// <summary>Adafactor without momentum; one number of state per row and column.</summary>
    Adafactor,

    /// <summary>Gradient descent with momentum; one number of state per weight.</summary>
    Sgd,
}
