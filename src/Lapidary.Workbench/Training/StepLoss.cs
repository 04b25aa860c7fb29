using Lapidary.Numerics.Kernels;
using Lapidary.Workbench.Training.Tape;

namespace Lapidary.Workbench.Training;

/// <summary>What training minimises, micro-batch by micro-batch: gives the loss of each row and keeps the sums.</summary>
internal abstract class StepLoss
{
    /// <summary>The loss of a micro-batch's wanted rows, their gradients multiplied by <paramref name="factor"/>.</summary>
    /// <param name="batch">What goes through the network, without a soft prompt.</param>
    /// <param name="examples">Which example of the data each document is.</param>
    /// <param name="factor">One over the number of targets of the step.</param>
    public abstract ILogitLoss Begin(TapeBatch batch, ReadOnlySpan<int> examples, float factor);

    /// <summary>The loss of each row of the last micro-batch, in nats.</summary>
    public abstract IEnumerable<double> RowLosses { get; }

    /// <summary>Adds what the micro-batch gave to <paramref name="sums"/>.</summary>
    public abstract void Collect(LossSums sums);
}
