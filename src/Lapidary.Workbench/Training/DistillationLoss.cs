using Lapidary.Numerics;
using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Threading;

namespace Lapidary.Workbench.Training;

/// <summary>
/// The loss of a student that learns from a teacher, see <see cref="DistillationKernel"/> for the formulas and their derivatives. Call
/// <see cref="Begin"/> with the targets of a batch, let the output layer call <see cref="Apply"/> on the student's logits, then read the
/// losses.
/// </summary>
public sealed unsafe class DistillationLoss : ILogitLoss, IDisposable
{
    private readonly DistillationOptions options;
    private readonly ITeacherLogits teacher;
    private readonly long bufferBytes;
    private Tensor? buffer;
    private int[] targets = [];
    private DistillationRow[] losses = [];
    private int count;
    private float gradientFactor;

    /// <summary>A loss without a batch.</summary>
    /// <param name="options">What is mixed.</param>
    /// <param name="teacher">Gives the teacher's logits; stays with the caller.</param>
    /// <param name="bufferBytes">Memory for the teacher's logits: rows are taken as many at a time as fit, at least one.</param>
    /// <exception cref="ArgumentException">A setting makes no sense.</exception>
    public DistillationLoss(DistillationOptions options, ITeacherLogits teacher, long bufferBytes = 64L << 20)
    {
        ArgumentNullException.ThrowIfNull(teacher);
        options.Validate();
        this.options = options;
        this.teacher = teacher;
        this.bufferBytes = bufferBytes;
    }

    /// <summary>Losses of the rows of the batch, in nats and not multiplied by the factor; zero for a row without target.</summary>
    public ReadOnlySpan<DistillationRow> Losses => losses.AsSpan(0, count);

    /// <summary>Takes the targets of a batch.</summary>
    /// <param name="rowTargets">The right token of each row; a negative number where the row does not count.</param>
    /// <param name="factor">Multiplies the gradients: one over the number of targets of the whole step.</param>
    public void Begin(ReadOnlySpan<int> rowTargets, float factor)
    {
        count = rowTargets.Length;
        gradientFactor = factor;
        if (targets.Length < count)
        {
            targets = new int[count];
            losses = new DistillationRow[count];
        }

        rowTargets.CopyTo(targets);
        losses.AsSpan(0, count).Clear();
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The rows are not in the batch, or a target is not in the vocabulary.</exception>
    public void Apply(WorkerPool pool, float* logits, int firstRow, int rows, int vocabulary, bool gradient)
    {
        if (firstRow < 0 || rows < 0 || firstRow > count - rows)
        {
            throw new ArgumentException($"Rows {firstRow} to {firstRow + rows - 1} are not in a batch of {count}.");
        }

        double square = options.ScaleByTemperatureSquared ? options.Temperature * options.Temperature : 1;
        var factors = new DistillationFactors(
            options.Divergence, options.Beta, options.Temperature, (1 - options.Alpha) * square, options.Alpha, gradientFactor);
        int chunk = (int)Math.Clamp(bufferBytes / ((long)vocabulary * sizeof(float)), 1, Math.Max(1, rows));
        float* teacherLogits = Buffer(chunk, vocabulary);
        for (int start = 0; start < rows; start += chunk)
        {
            int row = firstRow + start, length = Math.Min(chunk, rows - start);
            teacher.Fill(pool, row, length, vocabulary, teacherLogits);
            DistillationKernel.Apply(
                pool,
                logits + ((long)start * vocabulary),
                teacherLogits,
                targets.AsSpan(row, length),
                length,
                vocabulary,
                in factors,
                losses.AsSpan(row, length),
                gradient);
        }
    }

    /// <summary>Frees the buffer.</summary>
    public void Dispose()
    {
        buffer?.Dispose();
        buffer = null;
    }

    private float* Buffer(int rows, int vocabulary)
    {
        if (buffer is null || buffer.Length < (long)rows * vocabulary)
        {
            buffer?.Dispose();
            buffer = null;
            buffer = Tensor.Allocate(ElementType.F32, rows, vocabulary);
        }

        return (float*)buffer.Data;
    }
}
