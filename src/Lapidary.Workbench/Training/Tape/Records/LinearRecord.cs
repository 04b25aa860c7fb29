using Lapidary.Numerics.Kernels;

namespace Lapidary.Workbench.Training.Tape.Records;

/// <summary>y [rows, out] = x [rows, in] transpose(W): dx = dy W, dW = transpose(dy) x.</summary>
internal sealed unsafe class LinearRecord(TapeValue input, TapeValue output, TrainedMatrix matrix) : TapeRecord
{
    /// <summary>Up to three products of one input; the records of those that need one go on <paramref name="tape"/>.</summary>
    public static TapeValue[] Forward(TapeContext context, List<TapeRecord>? tape, TapeValue input, params ReadOnlySpan<TrainedMatrix> matrices)
    {
        var outputs = new TapeValue[matrices.Length];
        var targets = new ProductTarget[matrices.Length];
        for (int i = 0; i < matrices.Length; i++)
        {
            TrainedMatrix matrix = matrices[i];
            outputs[i] = context.Allocate(input.Rows, matrix.Outputs, input.NeedsGradient || matrix.IsTrained);
            targets[i] = new ProductTarget(matrix.Applied, outputs[i].Data, matrix.Outputs);
        }

        context.Product.Multiply(input.Data, input.Rows, input.Width, targets);
        for (int i = 0; i < matrices.Length; i++)
        {
            TapeRecord record = matrices[i].Update is { } update
                ? LowRankRecord.Forward(context, input, outputs[i], matrices[i], update)
                : new LinearRecord(input, outputs[i], matrices[i]);
            if (outputs[i].NeedsGradient)
            {
                tape?.Add(record);
            }
        }

        return outputs;
    }

    public override void Backward(TapeContext context)
    {
        if (matrix.Own is { } own)
        {
            context.Product.WeightGradient(
                output.Gradient, output.Width, input.Data, input.Rows, output.Width, input.Width, own.GradientPointer);
        }

        InputGradient(context, output.Gradient);
    }

    /// <summary>dx += dy W of the frozen or trained matrix alone.</summary>
    internal void InputGradient(TapeContext context, float* outputGradient)
    {
        if (input.NeedsGradient)
        {
            float* gradient = input.OpenGradient(context.Memory, out bool accumulate);
            context.Product.InputGradient(outputGradient, output.Width, input.Rows, matrix.Applied, gradient, accumulate);
        }
    }
}
