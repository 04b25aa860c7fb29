using Lapidary.Numerics.Kernels;

namespace Lapidary.Workbench.Training.Tape.Records;

/// <summary>gelu(gate) * up. Backward replaces gate and up by their gradients: nothing reads them any more.</summary>
internal sealed unsafe class GatedGeluRecord(TapeValue gate, TapeValue up, TapeValue output) : TapeRecord
{
    public static TapeValue Forward(TapeContext context, List<TapeRecord>? tape, TapeValue gate, TapeValue up)
    {
        TapeValue output = context.Allocate(gate.Rows, gate.Width, gate.NeedsGradient || up.NeedsGradient);
        GatedGelu.Forward(context.Pool, gate.Data, up.Data, output.Data, gate.Rows, gate.Width);
        if (output.NeedsGradient)
        {
            tape?.Add(new GatedGeluRecord(gate, up, output));
        }

        return output;
    }

    public override void Backward(TapeContext context)
    {
        GatedGelu.Backward(context.Pool, gate.Data, up.Data, output.Gradient, gate.Rows, gate.Width);
        gate.BecomeGradient();
        up.BecomeGradient();
    }
}
