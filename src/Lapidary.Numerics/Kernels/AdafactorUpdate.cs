using Lapidary.Numerics.Memory;
using Lapidary.Numerics.Threading;

namespace Lapidary.Numerics.Kernels;

/// <summary>
/// Adafactor (Shazeer and Stern 2018) without a first moment, with a learning rate from outside, as <c>Adafactor</c> of transformers
/// computes it with <c>relative_step=False</c> and <c>beta1=None</c>. Of the mean squared gradient of a matrix [R, C] only the means of
/// its rows and columns are kept, R + C numbers instead of R * C:
/// <code>
/// s  = 1 - t^decayRate
/// vr = s * vr + (1 - s) * mean over columns of (g^2 + epsilon)
/// vc = s * vc + (1 - s) * mean over rows of (g^2 + epsilon)
/// u  = g / sqrt(vr / mean(vr)) / sqrt(vc)
/// u  = u / max(1, rms(u) / clipThreshold)
/// p  = p - lr * decay * p - lr * u
/// </code>
/// where lr is first multiplied by max(rms(p), parameter epsilon) if steps are relative to the weights. A vector keeps v itself, which
/// is vc of a matrix of one row whose vr is left out.
/// </summary>
public static unsafe class AdafactorUpdate
{
    /// <summary>One step of one tensor.</summary>
    /// <param name="pool">Workers that share the rows.</param>
    /// <param name="value">p [R, C] or [C], F32 or BF16 (with stochastic rounding).</param>
    /// <param name="gradient">g, in the same shape, multiplied by <see cref="AdafactorFactors.GradientScale"/> as it is read.</param>
    /// <param name="rowMeans">vr [R], zero before the first step; null for a vector.</param>
    /// <param name="columnMeans">vc [C], zero before the first step.</param>
    /// <param name="factors">The rates.</param>
    /// <param name="step">t, from 1.</param>
    /// <param name="key">Key of the random bits, see <see cref="RandomBits.KeyOf"/>; not used for F32.</param>
    /// <exception cref="ArgumentException">
    /// The weights are neither F32 nor BF16, lie in a mapped file, or there are several rows and no row means.
    /// </exception>
    public static void Step(
        WorkerPool pool,
        Tensor value,
        float* gradient,
        float* rowMeans,
        float* columnMeans,
        in AdafactorFactors factors,
        long step,
        ulong key)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(step, 1);
        int rows = checked((int)value.Rows), columns = checked((int)value.RowLength);
        if (rowMeans is null && rows > 1)
        {
            throw new ArgumentException($"A matrix of {rows} rows keeps a mean per row.");
        }

        if (value.Length == 0)
        {
            return;
        }

        int blocks = (rows + AdafactorJob.BlockRows - 1) / AdafactorJob.BlockRows;
        long floats = rows + columns + ((long)blocks * columns);
        using var scratch = new NativeMemoryBlock((2L * blocks * sizeof(double)) + (floats * sizeof(float)));
        var sums = (double*)scratch.Pointer;
        var rowFactors = (float*)(sums + (2 * blocks));
        var job = new AdafactorJob
        {
            Store = WeightStore.Of(value, key, step),
            Gradient = gradient,
            RowMeans = rowMeans,
            RowFactors = rowFactors,
            ColumnFactors = rowFactors + rows,
            ColumnSums = rowFactors + rows + columns,
            UpdateSquares = sums,
            WeightSquares = sums + blocks,
            Rows = rows,
            Columns = columns,
            GradientScale = (float)factors.GradientScale,
            Epsilon = (float)factors.GradientEpsilon,
            Keep = (float)(1 - Math.Pow(step, factors.DecayRate)),
            NeedsWeightSquares = factors.ScaleParameter,
        };

        job.Run(pool, AdafactorPhase.Means);
        UpdateFactors(ref job, columnMeans, blocks);
        job.Run(pool, AdafactorPhase.Squares);

        double rate = factors.LearningRate;
        if (factors.ScaleParameter)
        {
            rate *= Math.Max(factors.ParameterEpsilon, RootMeanSquare(job.WeightSquares, blocks, value.Length));
        }

        double size = RootMeanSquare(job.UpdateSquares, blocks, value.Length);
        job.WeightKeep = (float)(1 - (rate * factors.WeightDecay));
        job.Rate = (float)(rate / Math.Max(1, size / factors.ClipThreshold));
        job.Run(pool, AdafactorPhase.Weights);
    }

    /// <summary>The same for one tensor in double precision; a vector is one row with <paramref name="rowMeans"/> empty.</summary>
    public static void Reference(
        Span<double> value,
        ReadOnlySpan<double> gradient,
        Span<double> rowMeans,
        Span<double> columnMeans,
        in AdafactorFactors factors,
        long step)
    {
        int columns = columnMeans.Length, rows = value.Length / columns;
        double keep = 1 - Math.Pow(step, factors.DecayRate);
        var rowSums = new double[rows];
        var columnSums = new double[columns];
        double squares = 0;
        for (int i = 0; i < value.Length; i++)
        {
            double g = gradient[i] * factors.GradientScale;
            rowSums[i / columns] += (g * g) + factors.GradientEpsilon;
            columnSums[i % columns] += (g * g) + factors.GradientEpsilon;
            squares += value[i] * value[i];
        }

        for (int j = 0; j < columns; j++)
        {
            columnMeans[j] = (keep * columnMeans[j]) + ((1 - keep) * columnSums[j] / rows);
        }

        double mean = 0;
        for (int i = 0; i < rowMeans.Length; i++)
        {
            rowMeans[i] = (keep * rowMeans[i]) + ((1 - keep) * rowSums[i] / columns);
            mean += rowMeans[i] / rows;
        }

        var update = new double[value.Length];
        double updateSquares = 0;
        for (int i = 0; i < value.Length; i++)
        {
            double row = rowMeans.IsEmpty ? 1 : rowMeans[i / columns] / mean;
            update[i] = gradient[i] * factors.GradientScale / Math.Sqrt(row) / Math.Sqrt(columnMeans[i % columns]);
            updateSquares += update[i] * update[i];
        }

        double scale = factors.ScaleParameter ? Math.Max(factors.ParameterEpsilon, Math.Sqrt(squares / value.Length)) : 1;
        double rate = factors.LearningRate * scale;
        double divisor = Math.Max(1, Math.Sqrt(updateSquares / value.Length) / factors.ClipThreshold);
        for (int i = 0; i < value.Length; i++)
        {
            value[i] -= (rate * factors.WeightDecay * value[i]) + (rate * update[i] / divisor);
        }
    }

    /// <summary>From the sums to 1 / sqrt(vr / mean(vr)) and 1 / sqrt(vc), in double precision and always in the same order.</summary>
    private static void UpdateFactors(ref AdafactorJob job, float* columnMeans, int blocks)
    {
        for (int j = 0; j < job.Columns; j++)
        {
            double sum = 0;
            for (int block = 0; block < blocks; block++)
            {
                sum += job.ColumnSums[((long)block * job.Columns) + j];
            }

            columnMeans[j] = (job.Keep * columnMeans[j]) + ((1 - job.Keep) * (float)(sum / job.Rows));
            job.ColumnFactors[j] = (float)(1 / Math.Sqrt(columnMeans[j]));
        }

        if (job.RowMeans is null)
        {
            job.RowFactors[0] = 1;
            return;
        }

        double total = 0;
        for (int i = 0; i < job.Rows; i++)
        {
            total += job.RowMeans[i];
        }

        for (int i = 0; i < job.Rows; i++)
        {
            job.RowFactors[i] = (float)(1 / Math.Sqrt(job.RowMeans[i] / (total / job.Rows)));
        }
    }

    private static double RootMeanSquare(double* sums, int blocks, long count)
    {
        double sum = 0;
        for (int block = 0; block < blocks; block++)
        {
            sum += sums[block];
        }

        return Math.Sqrt(sum / count);
    }
}
