using Lapidary.Numerics.Threading;

namespace Lapidary.Workbench.Training;

/// <summary>A teacher that runs beside the student.</summary>
public sealed unsafe class LiveTeacherLogits : ITeacherLogits
{
    private readonly FillRows fill;

    /// <summary>Takes the function that computes logits, for instance the output matrix on hidden states that are kept.</summary>
    public LiveTeacherLogits(FillRows fill)
    {
        ArgumentNullException.ThrowIfNull(fill);
        this.fill = fill;
    }

    /// <inheritdoc cref="ITeacherLogits.Fill"/>
    public delegate void FillRows(WorkerPool pool, int firstRow, int rows, int vocabulary, float* logits);

    /// <inheritdoc/>
    public void Fill(WorkerPool pool, int firstRow, int rows, int vocabulary, float* logits) =>
        fill(pool, firstRow, rows, vocabulary, logits);
}
