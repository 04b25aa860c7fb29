using Lapidary.Inference;
using Lapidary.Networks;
using Lapidary.Numerics.Kernels;

namespace Lapidary.Workbench.Training.Tape.Records;

/// <summary>RMSNorm of each run of <c>length</c> elements: see <see cref="RmsNorm.Backward"/>.</summary>
internal sealed unsafe class NormRecord(TapeValue input, TapeValue output, TrainedNorm norm, int length, float epsilon) : TapeRecord
{
    public static TapeValue Forward(TapeContext context, List<TapeRecord>? tape, TapeValue input, NormWeight weight, TrainedNorm norm)
    {
        TapeValue output = context.Allocate(input.Rows, input.Width, input.NeedsGradient || norm.Own is not null);
        int runs = input.Rows * (input.Width / weight.Length);
        if (!RmsNorm.Forward(context.Pool, input.Data, norm.Scale, output.Data, runs, weight.Length, weight.Epsilon))
        {
            throw new NonFiniteException($"The input of {weight.Name} holds NaN or infinity.");
        }

        if (output.NeedsGradient)
        {
            tape?.Add(new NormRecord(input, output, norm, weight.Length, weight.Epsilon));
        }

        return output;
    }

    public override void Backward(TapeContext context)
    {
        bool accumulate = false;
        float* scaleGradient = norm.Own is { } own ? own.GradientPointer : null;
        int runs = input.Rows * (input.Width / length);
        if (input.NeedsGradient)
        {
            float* gradient = input.OpenGradient(context.Memory, out accumulate);
            RmsNorm.Backward(
                context.Pool, input.Data, norm.Scale, output.Gradient, gradient, accumulate, scaleGradient, runs, length, epsilon);
        }
        else
        {
            using TapeContext.Workspace unused = context.Borrow(input.Width);
            RmsNorm.Backward(
                context.Pool, input.Data, norm.Scale, output.Gradient, unused.Pointer, accumulate, scaleGradient, runs, length, epsilon);
        }
    }
}
