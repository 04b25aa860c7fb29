using Lapidary.Numerics.Memory;
using Lapidary.Numerics.Threading;

namespace Lapidary.Numerics.Kernels;

/// <summary>
/// The output matrix of a language model and the loss on its logits, forward and backward in one pass over tiles of rows: the logits
/// of all rows, at a vocabulary of 262,144 a megabyte a row, never exist at once, and nothing is computed twice.
/// </summary>
/// <remarks>
/// <para>
/// With a filter of 0, the gradients have the same bits for any size of tile, as for any number of threads: a row of dHidden
/// depends on its own row alone, and an element of dTable is one chain over the rows of the batch, which a tile continues where the
/// one before it left off.
/// </para>
/// <para>
/// The filter is in the spirit of Wijmans et al., "Cut Your Losses in Large-Vocabulary Language Models" (2024), who leave out blocks of
/// the softmax that vanish in 16-bit arithmetic. Here the error is bounded by what the caller allows. In each row, the smallest
/// entries of the gradient g are negligible as long as their sum stays below filter * factor, where the factor is
/// <see cref="ILogitLoss.Factor"/>; the largest entry of a row, for cross-entropy the target's, never is. A token whose entries are
/// negligible in all rows of a tile takes no part in the products. So |error of dHidden[row]| &lt;= filter * factor * the largest
/// |row of the table|, and the errors of all rows of dTable together are, row of the batch for row, at most filter * factor *
/// |hidden[row]| (Euclidean norms).
/// </para>
/// </remarks>
public sealed unsafe class OutputLoss : IDisposable
{
    // Full tiles of the micro-kernel on every instruction set.
    private const int RowUnit = 12;

    private readonly WorkerPool pool;
    private readonly MatrixProduct product;
    private readonly long tileBytes;
    private readonly GradientFilter gradientFilter = new();
    private NativeMemoryBlock? logits;
    private NativeMemoryBlock? capped;

    /// <summary>A loss that runs on <paramref name="pool"/> with the workspace of <paramref name="product"/>.</summary>
    /// <param name="pool">The workers of <paramref name="product"/>.</param>
    /// <param name="product">Computes the products; not disposed of here.</param>
    /// <param name="tileBytes">Bytes of logits that may exist at once; a tile has at least one row.</param>
    public OutputLoss(WorkerPool pool, MatrixProduct product, long tileBytes = 256L << 20)
    {
        this.pool = pool;
        this.product = product;
        this.tileBytes = tileBytes;
    }

    /// <summary>Gradient entries, of rows times vocabulary, that the last <see cref="Run"/> left out of the products.</summary>
    public long SkippedEntries { get; private set; }

    /// <summary>
    /// Computes the logits, hidden * transpose(table), the loss of each row, and the gradients of the sum of the losses. What the
    /// losses are, <paramref name="loss"/> holds afterwards; look there for rows that are not finite before using the gradients.
    /// </summary>
    /// <param name="hidden">[<paramref name="rows"/>, <paramref name="width"/>], contiguous.</param>
    /// <param name="rows">Rows of the batch.</param>
    /// <param name="width">Length of the rows of <paramref name="hidden"/> and <paramref name="table"/>.</param>
    /// <param name="table">The output matrix [vocabulary, width] of any format.</param>
    /// <param name="cap">Soft cap of the logits, which the gradient is taken through; null for none.</param>
    /// <param name="loss">The loss, begun for this batch.</param>
    /// <param name="hiddenGradient">Receives dHidden [rows, width]; null where it is not wanted.</param>
    /// <param name="tableGradient">dTable [vocabulary, width], float32, is added to; null where the table is frozen.</param>
    /// <param name="filter">Probability mass of a row whose gradient may be left out, 0 to 1; 0 for none.</param>
    /// <exception cref="ArgumentException">The table has rows of another width.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The filter is not between 0 and 1.</exception>
    public void Run(
        float* hidden,
        int rows,
        int width,
        Tensor table,
        float? cap,
        ILogitLoss loss,
        float* hiddenGradient,
        float* tableGradient,
        double filter)
    {
        if (table.RowLength != width)
        {
            throw new ArgumentException($"The output matrix has rows of {table.RowLength} numbers, not {width}.", nameof(table));
        }

        if (!(filter is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(filter), filter, "The probability mass to leave out lies between 0 and 1.");
        }

        SkippedEntries = 0;
        int vocabulary = checked((int)table.Rows);
        bool gradient = hiddenGradient is not null || tableGradient is not null;
        bool keepsCapped = cap is not null && gradient;
        int tileRows = TileRows(rows, vocabulary, keepsCapped ? 2 : 1);
        long bytes = (long)tileRows * vocabulary * sizeof(float);
        Grow(ref logits, bytes);
        if (keepsCapped)
        {
            Grow(ref capped, bytes);
        }

        var tile = (float*)logits!.Pointer;
        for (int first = 0; first < rows; first += tileRows)
        {
            int count = Math.Min(tileRows, rows - first);
            float* tileHidden = hidden + ((nint)first * width);
            product.Multiply(tileHidden, count, width, new ProductTarget(table, tile, vocabulary));
            ApplyLoss(tile, first, count, vocabulary, cap, loss, gradient);
            if (!gradient)
            {
                continue;
            }

            int* kept = null;
            int keptCount = vocabulary;
            if (filter > 0)
            {
                keptCount = gradientFilter.Apply(pool, tile, first, count, vocabulary, loss, filter, out kept);
                SkippedEntries += (long)count * (vocabulary - keptCount);
            }

            Products(tile, vocabulary, tileHidden, count, width, table, kept, keptCount,
                hiddenGradient is null ? null : hiddenGradient + ((nint)first * width), tableGradient);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        logits?.Dispose();
        capped?.Dispose();
        gradientFilter.Dispose();
    }

    private static void Grow(ref NativeMemoryBlock? block, long byteLength)
    {
        if (block is null || block.ByteLength < byteLength)
        {
            block?.Dispose();
            block = null;
            block = new NativeMemoryBlock(byteLength);
        }
    }

    private void ApplyLoss(float* tile, int first, int rows, int vocabulary, float? cap, ILogitLoss loss, bool gradient)
    {
        long count = (long)rows * vocabulary;
        if (cap is not { } limit)
        {
            loss.Apply(pool, tile, first, rows, vocabulary, gradient);
            return;
        }

        // The derivative of the cap needs what the loss overwrites.
        float* copy = gradient ? (float*)capped!.Pointer : null;
        var job = new CapLogitsJob(tile, copy, rows, vocabulary, limit);
        SharedWork.Run(pool, ref job, 4 * count);
        loss.Apply(pool, tile, first, rows, vocabulary, gradient);
        if (gradient)
        {
            SoftCap.Backward(pool, copy, tile, count, limit);
        }
    }

    private void Products(
        float* tile,
        int vocabulary,
        float* hidden,
        int rows,
        int width,
        Tensor table,
        int* kept,
        int keptCount,
        float* hiddenGradient,
        float* tableGradient)
    {
        if (hiddenGradient is not null)
        {
            if (keptCount == 0)
            {
                new Span<float>(hiddenGradient, checked(rows * width)).Clear();
            }

            product.InputGradient(tile, vocabulary, rows, table, kept, keptCount, hiddenGradient, accumulate: false);
        }

        if (tableGradient is not null)
        {
            product.WeightGradient(tile, vocabulary, hidden, rows, kept, keptCount, width, tableGradient);
        }
    }

    // As many rows as fit, in tiles of about the same size.
    private int TileRows(int rows, int vocabulary, int buffers)
    {
        long fitting = Math.Max(1, tileBytes / sizeof(float) / buffers / vocabulary);
        if (fitting >= rows)
        {
            return rows;
        }

        int unit = fitting >= RowUnit ? RowUnit : 1;
        int most = (int)(fitting / unit * unit);
        int tiles = (rows + most - 1) / most;
        int even = (rows + tiles - 1) / tiles;
        return Math.Min(most, (even + unit - 1) / unit * unit);
    }
}
