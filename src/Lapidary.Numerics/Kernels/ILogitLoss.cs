using Lapidary.Numerics.Threading;

namespace Lapidary.Numerics.Kernels;

/// <summary>A loss of rows of logits. Implementations replace the logits by the gradient of the loss with respect to them.</summary>
public unsafe interface ILogitLoss
{
    /// <summary>Computes the losses of some rows and, where asked for, their gradients in place of the logits.</summary>
    /// <param name="pool">Workers that share the rows.</param>
    /// <param name="logits">[rows, vocabulary], contiguous.</param>
    /// <param name="firstRow">Which row of the batch the first one is.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="vocabulary">Length of a row.</param>
    /// <param name="gradient">Whether the logits are replaced by their gradient; otherwise only the losses are wanted.</param>
    void Apply(WorkerPool pool, float* logits, int firstRow, int rows, int vocabulary, bool gradient);
}
