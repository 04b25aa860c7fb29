using System.Buffers;
using Lapidary.Numerics;
using Lapidary.Numerics.Formats;
using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Threading;
using Microsoft.Win32.SafeHandles;

namespace Lapidary.Checkpoints;

/// <summary>
/// Moves whole matrices of one checkpoint into another, encoded anew by the workers of a pool: some rows at a time, so that neither the size of
/// a tensor nor that of the model matters. Rows are read from the file, not through its mapping, whose pages would count as memory of the process.
/// </summary>
internal sealed unsafe class RowCopy(WorkerPool pool) : IDisposable
{
    // Enough rows for every worker, in buffers of 8 MiB at most unless a single row is longer.
    private const long ElementsAtOnce = 1 << 21;

    private string? path;
    private FileStream? file;

    /// <summary>Writes a matrix; blocks that have the target's type already stay as they are.</summary>
    /// <param name="info">The matrix, of a type that can be computed with.</param>
    /// <param name="target">The type to write, whose blocks divide a row.</param>
    /// <param name="importance">What weighs the errors of the columns, where the target has any: [row length], or empty.</param>
    /// <param name="sink">Receives the data.</param>
    /// <param name="written">Told the number of bytes after each piece.</param>
    /// <param name="cancellationToken">Looked at between pieces.</param>
    /// <exception cref="CheckpointException">
    /// A number is not finite or too large for the target, the file is shorter than its header said, or the data cannot be written.
    /// </exception>
    public void Write(
        TensorInfo info,
        ElementType target,
        ReadOnlySpan<float> importance,
        ITensorSink sink,
        Action<long> written,
        CancellationToken cancellationToken)
    {
        WeightFormat from = WeightFormat.Of(info.Type.ElementType!.Value);
        // A block that stays is decoded all the same: its scale may be no number.
        bool stays = from.Type == target;
        WeightFormat to = WeightFormat.Of(stays ? ElementType.F32 : target);
        long width = info.Shape.IsEmpty ? 1 : info.Shape[^1];
        long rows = width == 0 ? 0 : info.Length / width;
        long atOnce = Math.Clamp(ElementsAtOnce / Math.Max(1, width), 1, Math.Max(1, rows));
        SafeFileHandle handle = Open(info.File);
        byte[] source = ArrayPool<byte>.Shared.Rent(checked((int)(atOnce * from.RowBytes(width))));
        byte[] encoded = ArrayPool<byte>.Shared.Rent(checked((int)(atOnce * to.RowBytes(width))));
        try
        {
            for (long row = 0; row < rows; row += atOnce)
            {
                cancellationToken.ThrowIfCancellationRequested();
                long count = Math.Min(atOnce, rows - row);
                Span<byte> input = source.AsSpan(0, (int)(count * from.RowBytes(width)));
                Span<byte> output = encoded.AsSpan(0, (int)(count * to.RowBytes(width)));
                Read(handle, info, row * from.RowBytes(width), input);
                Encode(info, from, input, row, count, width, to, to.BlockLength > 1 ? importance : [], output);
                Span<byte> piece = stays ? input : output;
                sink.Write(piece);
                written(piece.Length);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(source);
            ArrayPool<byte>.Shared.Return(encoded);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => file?.Dispose();

    private SafeFileHandle Open(string wanted)
    {
        if (path != wanted)
        {
            file?.Dispose();
            file = InputFile.OpenRead(wanted);
            path = wanted;
        }

        return file!.SafeFileHandle;
    }

    /// <summary>Reads bytes of a tensor's data, from <paramref name="offset"/> on.</summary>
    /// <exception cref="CheckpointException">The file is shorter than its header said, or cannot be read.</exception>
    public static void Read(SafeFileHandle handle, TensorInfo info, long offset, Span<byte> destination)
    {
        try
        {
            for (int done = 0; done < destination.Length;)
            {
                int count = RandomAccess.Read(handle, destination[done..], info.Offset + offset + done);
                if (count == 0)
                {
                    throw new CheckpointException(info.File, $"ends in tensor {info.StoredName}, which its header says is there whole");
                }

                done += count;
            }
        }
        catch (IOException thrown)
        {
            throw new CheckpointException(info.File, $"cannot be read: {thrown.Message.TrimEnd('.')}", thrown);
        }
    }

    private void Encode(
        TensorInfo info,
        WeightFormat from,
        ReadOnlySpan<byte> source,
        long firstRow,
        long rows,
        long width,
        WeightFormat to,
        ReadOnlySpan<float> importance,
        Span<byte> destination)
    {
        try
        {
            fixed (byte* input = source, output = destination)
            {
                RowEncoder.Encode(pool, from, input, rows, width, to, importance, output, destination.Length);
            }
        }
        catch (UnencodableValueException thrown)
        {
            string what = float.IsFinite(thrown.Value)
                ? $"a value of magnitude {MathF.Abs(thrown.Value):R}, which is too large for {to.Type}"
                : "a value that is not finite";
            throw new CheckpointException(
                info.File, $"tensor {info.StoredName} holds {what}, at row {firstRow + thrown.Row}, column {thrown.Column}", thrown);
        }
    }
}
