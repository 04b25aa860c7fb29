using Lapidary.Checkpoints;
using Lapidary.Numerics;

namespace Lapidary.Networks;

/// <summary>A tensor of a checkpoint and what becomes of it in another.</summary>
/// <param name="Source">The tensor that is read.</param>
/// <param name="Target">The tensor that is written, of the same shape.</param>
/// <param name="Shift">What is added to every number: 1 or -1 for norms between the two ways to store them.</param>
public sealed record PlannedTensor(TensorInfo Source, TensorDeclaration Target, float Shift)
{
    /// <summary>How much an error in each column matters where the target is quantized: [row length], or empty.</summary>
    public ReadOnlyMemory<float> Importance { get; init; }

    /// <summary>Writes the tensors of a plan in its order.</summary>
    /// <param name="plan">The tensors.</param>
    /// <param name="source">The checkpoint that they are in.</param>
    /// <param name="adapters">What is merged into them, or null.</param>
    /// <param name="replacement">Other numbers for a canonical name, or null; stored as in the source.</param>
    /// <param name="sink">Receives the data; it was told the targets of the plan.</param>
    /// <param name="progress">Told after each tensor.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <exception cref="CheckpointException">A number is not finite or does not fit into its type, or the data cannot be written.</exception>
    internal static void WriteAll(
        IReadOnlyList<PlannedTensor> plan,
        Checkpoint source,
        AppliedAdapters? adapters,
        Func<string, Tensor?>? replacement,
        ITensorSink sink,
        IProgress<ConversionProgress>? progress,
        CancellationToken cancellationToken)
    {
        var report = new ProgressReport(progress, plan.Count, plan.Sum(tensor => tensor.Target.ByteLength));
        foreach (PlannedTensor tensor in plan)
        {
            cancellationToken.ThrowIfCancellationRequested();
            tensor.Write(source, adapters, replacement, sink, cancellationToken);
            report.Done(tensor.Target.Name, tensor.Target.ByteLength);
        }
    }

    /// <summary>Writes the tensor: what is shifted as a whole, everything else some rows at a time by <paramref name="rows"/>.</summary>
    /// <param name="source">The checkpoint that it is in.</param>
    /// <param name="rows">Copies and encodes matrices.</param>
    /// <param name="sink">Receives the data.</param>
    /// <param name="report">Told after each piece.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <exception cref="CheckpointException">A number is not finite or does not fit into its type, or the data cannot be written.</exception>
    internal void WriteRows(Checkpoint source, RowCopy rows, ITensorSink sink, ProgressReport report, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Shift == 0)
        {
            rows.Write(
                Source, Target.Type.ElementType!.Value, Importance.Span, sink, bytes => report.Wrote(Target.Name, bytes), cancellationToken);
            report.Done(Target.Name, 0);
            return;
        }

        Write(source, null, null, sink, cancellationToken);
        report.Done(Target.Name, Target.ByteLength);
    }

    private void Write(
        Checkpoint source, AppliedAdapters? adapters, Func<string, Tensor?>? replacement, ITensorSink sink, CancellationToken cancellationToken)
    {
        if (Target.Type == Source.Type && !Target.Type.IsPlainFloat)
        {
            PassThrough(source, adapters, sink, cancellationToken);
            return;
        }

        Tensor numbers = replacement?.Invoke(Source.Name) ?? source.GetTensor(Source.Name);
        LowRankUpdate? update = adapters?.UpdateOf(Source.Name, numbers);
        ZeroTally? zeros = update is null ? null : adapters!.Zeros;
        TensorCopy.Change? change = zeros is not null ? zeros.Around(update!.Apply)
            : update is not null ? update.Apply
            : Shift != 0 ? ShiftBy(Shift) : null;
        TensorCopy.Convert(numbers, Source, change, Target.Type.ElementType!.Value, sink, cancellationToken);
        zeros?.Complete(Source);
    }

    // Whole numbers and types that are not computed with stay as they are.
    private void PassThrough(Checkpoint source, AppliedAdapters? adapters, ITensorSink sink, CancellationToken cancellationToken)
    {
        if (adapters?.Change(Source.Name) == true)
        {
            throw new CheckpointException(
                Source.File, $"tensor {Source.StoredName} is stored as {Source.Type}, which an adapter cannot be merged into");
        }

        const int Piece = 1 << 26;
        for (long done = 0; done < Source.ByteLength; done += Piece)
        {
            cancellationToken.ThrowIfCancellationRequested();
            sink.Write(source.FileOf(Source).Slice(Source.Offset + done, (int)Math.Min(Piece, Source.ByteLength - done)));
        }
    }

    private static TensorCopy.Change ShiftBy(float shift) => (_, values) =>
    {
        foreach (ref float value in values)
        {
            value += shift;
        }
    };
}
