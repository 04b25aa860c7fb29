using Lapidary.Numerics.Threading;

namespace Lapidary.Numerics.Kernels;

/// <summary>A loss that is a sum over rows, each of which depends on the logits of its row alone.</summary>
public unsafe interface ILogitLoss
{
    /// <summary>
    /// What a probability of row <paramref name="row"/> was multiplied by to give entries of the gradient: a gradient entry divided by
    /// it is the probability mass that <see cref="OutputLoss"/> may leave out. 0, the default, lets nothing of the row be left out.
    /// Asked by several threads at once, after <see cref="Apply"/>.
    /// </summary>
    /// <param name="row">Row of the batch.</param>
    double Factor(int row) => 0;

    /// <summary>
    /// Computes the loss of some rows and replaces their logits by the gradient of the loss with respect to them; without a gradient
    /// what the logits hold afterwards is undefined.
    /// </summary>
    /// <param name="pool">Workers that share the rows.</param>
    /// <param name="logits">[<paramref name="rows"/>, <paramref name="vocabulary"/>], contiguous.</param>
    /// <param name="firstRow">Which row of the batch the first of them is.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="vocabulary">Logits of a row.</param>
    /// <param name="gradient">Whether the gradient is wanted.</param>
    void Apply(WorkerPool pool, float* logits, int firstRow, int rows, int vocabulary, bool gradient);
}
