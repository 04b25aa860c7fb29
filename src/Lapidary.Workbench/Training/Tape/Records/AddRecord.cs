using Lapidary.Numerics.Kernels;

namespace Lapidary.Workbench.Training.Tape.Records;

/// <summary>
/// residual + delta: both have the gradient of the sum. The residual takes it over, the delta borrows it: what made the delta is the
/// record before this one, so it has read the gradient when anything else adds to that of the residual.
/// </summary>
internal sealed unsafe class AddRecord(TapeValue residual, TapeValue delta, TapeValue output) : TapeRecord
{
    public static TapeValue Forward(TapeContext context, List<TapeRecord>? tape, TapeValue residual, TapeValue delta)
    {
        TapeValue output = context.Allocate(
            residual.Rows, residual.Width, residual.NeedsGradient || delta.NeedsGradient, isStream: residual.IsStream);
        Buffer.MemoryCopy(residual.Data, output.Data, output.Count * sizeof(float), output.Count * sizeof(float));
        VectorAdd.Add(context.Pool, output.Data, delta.Data, output.Count);
        if (output.NeedsGradient)
        {
            tape?.Add(new AddRecord(residual, delta, output));
        }

        return output;
    }

    public override void Backward(TapeContext context)
    {
        if (delta.NeedsGradient)
        {
            delta.BorrowGradient(output.Gradient);
        }

        if (residual.NeedsGradient)
        {
            if (residual.Gradient is not null)
            {
                throw new InvalidOperationException("A residual stream is added to once.");
            }

            output.HandGradientTo(residual);
        }
    }
}
