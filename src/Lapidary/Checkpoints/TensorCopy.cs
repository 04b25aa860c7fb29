using System.Buffers;
using Lapidary.Numerics;
using Lapidary.Numerics.Formats;

namespace Lapidary.Checkpoints;

/// <summary>Moves a tensor of one checkpoint into another, a few million numbers at a time and on all cores.</summary>
internal static unsafe class TensorCopy
{
    // Whole blocks of every format; small enough for a core's cache, large enough to be worth a task.
    private const int Piece = 1 << 16;
    private const int PiecesAtOnce = 64;

    /// <summary>Fills a piece of a tensor: elements <paramref name="start"/> and following.</summary>
    public delegate void Source(long start, Span<float> destination);

    /// <summary>Changes a piece of a tensor: elements <paramref name="start"/> and following.</summary>
    public delegate void Change(long start, Span<float> values);

    /// <summary>Writes a tensor decoded and encoded anew.</summary>
    /// <param name="source">The tensor.</param>
    /// <param name="info">Named in errors.</param>
    /// <param name="change">Changes the numbers on the way, called from several threads; null where they stay.</param>
    /// <param name="target">F32, F16 or BF16.</param>
    /// <param name="sink">Receives the data.</param>
    /// <param name="cancellationToken">Looked at between pieces.</param>
    /// <exception cref="CheckpointException">A number is infinite, is not a number, or does not fit into the target type.</exception>
    public static void Convert(
        Tensor source, TensorInfo info, Change? change, ElementType target, ITensorSink sink, CancellationToken cancellationToken)
    {
        WeightFormat format = WeightFormat.Of(source.Type);
        Write(info.Length, target, sink, (start, values) =>
        {
            fixed (float* destination = values)
            {
                format.Decode(source.Data + (start / format.BlockLength * format.BlockBytes), destination, values.Length);
            }

            // What is wrong with the source is said of the source, before the change.
            Check(values, ElementType.F32, info, string.Empty);
            change?.Invoke(start, values);
            Check(values, target, info, change is null ? string.Empty : " after the change");
        }, cancellationToken);
    }

    /// <summary>Writes a tensor whose numbers come from a function of their position.</summary>
    /// <param name="length">Number of elements.</param>
    /// <param name="target">F32, F16 or BF16.</param>
    /// <param name="sink">Receives the data.</param>
    /// <param name="source">Gives the numbers; it is called from several threads.</param>
    /// <param name="cancellationToken">Looked at between pieces.</param>
    public static void Write(long length, ElementType target, ITensorSink sink, Source source, CancellationToken cancellationToken)
    {
        WeightFormat format = WeightFormat.Of(target);
        byte[] bytes = ArrayPool<byte>.Shared.Rent((int)format.RowBytes(Math.Min(length, (long)Piece * PiecesAtOnce)));
        try
        {
            for (long start = 0; start < length; start += (long)Piece * PiecesAtOnce)
            {
                cancellationToken.ThrowIfCancellationRequested();
                int count = (int)Math.Min(length - start, (long)Piece * PiecesAtOnce);
                Fill(start, count, format, bytes, source);
                sink.Write(bytes.AsSpan(0, (int)format.RowBytes(count)));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    private static void Fill(long start, int count, WeightFormat target, byte[] bytes, Source source)
    {
        int pieces = (count + Piece - 1) / Piece;
        void FillPiece(int piece)
        {
            int first = piece * Piece;
            int length = Math.Min(Piece, count - first);
            float[] values = ArrayPool<float>.Shared.Rent(length);
            try
            {
                source(start + first, values.AsSpan(0, length));
                FloatEncoder.Encode(values.AsSpan(0, length), target.Type, bytes.AsSpan((int)target.RowBytes(first), (int)target.RowBytes(length)));
            }
            finally
            {
                ArrayPool<float>.Shared.Return(values);
            }
        }

        if (pieces == 1)
        {
            FillPiece(0);
            return;
        }

        try
        {
            Parallel.For(0, pieces, FillPiece);
        }
        catch (AggregateException thrown) when (thrown.InnerExceptions.OfType<CheckpointException>().FirstOrDefault() is { } first)
        {
            throw new CheckpointException(first.Path, first.Fact, first);
        }
    }

    /// <summary>Throws unless all numbers fit into a type.</summary>
    /// <param name="values">The numbers.</param>
    /// <param name="target">The type.</param>
    /// <param name="info">The tensor that they are from.</param>
    /// <param name="when">What was done to them, behind a blank; empty for nothing.</param>
    /// <exception cref="CheckpointException">One does not.</exception>
    public static void Check(ReadOnlySpan<float> values, ElementType target, TensorInfo info, string when)
    {
        uint largest = FloatEncoder.LargestMagnitude(values);
        if (largest < FloatEncoder.OverflowBits(target))
        {
            return;
        }

        throw new CheckpointException(
            info.File,
            FloatEncoder.IsNotFinite(largest)
                ? $"tensor {info.StoredName} holds a value that is not finite{when}"
                : $"tensor {info.StoredName} holds a value of magnitude {BitConverter.UInt32BitsToSingle(largest):R}, which is too large for {target}{when}");
    }
}
