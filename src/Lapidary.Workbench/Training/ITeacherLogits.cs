using Lapidary.Numerics.Threading;

namespace Lapidary.Workbench.Training;

/// <summary>Where a <see cref="DistillationLoss"/> has the teacher's distribution of a row from.</summary>
public unsafe interface ITeacherLogits
{
    /// <summary>Writes the teacher's logits at temperature 1 of some rows; any number may be added to all logits of a row.</summary>
    /// <param name="pool">Workers to compute with.</param>
    /// <param name="firstRow">Which row of the batch the first one is.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="vocabulary">Length of a row.</param>
    /// <param name="logits">Receives [rows, vocabulary] finite numbers.</param>
    void Fill(WorkerPool pool, int firstRow, int rows, int vocabulary, float* logits);
}
