using Lapidary.Numerics.Kernels;

namespace Lapidary.Workbench.Training.Tape.Records;

/// <summary>Rotary position embedding in place; backward turns the gradient back.</summary>
internal sealed unsafe class RotateRecord(TapeValue value, float* table, int headDimension) : TapeRecord
{
    public static void Forward(TapeContext context, List<TapeRecord>? tape, TapeValue value, float* table, int headDimension)
    {
        RotaryEmbedding.Forward(context.Pool, value.Data, table, value.Rows, value.Width / headDimension, headDimension);
        if (value.NeedsGradient)
        {
            tape?.Add(new RotateRecord(value, table, headDimension));
        }
    }

    public override void Backward(TapeContext context) =>
        RotaryEmbedding.Backward(context.Pool, value.Gradient, table, value.Rows, value.Width / headDimension, headDimension);
}
