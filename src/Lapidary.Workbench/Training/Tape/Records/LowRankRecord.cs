using Lapidary.Numerics.Kernels;

namespace Lapidary.Workbench.Training.Tape.Records;

/// <summary>
/// A frozen matrix with a low-rank update: z = x transpose(W) + h transpose(B), h = scale dropout(x) transpose(A); DoRA then takes
/// y = m / |W + scale B A| z. With dz = dy (DoRA: m / |..| dy): dB = transpose(dz) h, dA = scale transpose(dz B) dropout(x),
/// dx = dz W + the mask's scale (dz B) A, dm = sum over rows of dy z / |..|.
/// </summary>
internal sealed unsafe class LowRankRecord : TapeRecord
{
    private readonly TapeValue input;
    private readonly TapeValue output;
    private readonly TrainedUpdate update;
    private readonly LinearRecord frozen;
    private readonly TapeValue inner;
    private readonly TapeValue? beforeMagnitude;
    private readonly ulong? dropoutSeed;

    private LowRankRecord(
        TapeValue input, TapeValue output, TrainedMatrix matrix, TrainedUpdate update, TapeValue inner, TapeValue? beforeMagnitude, ulong? dropoutSeed)
    {
        this.input = input;
        this.output = output;
        this.update = update;
        this.inner = inner;
        this.beforeMagnitude = beforeMagnitude;
        this.dropoutSeed = dropoutSeed;
        frozen = new LinearRecord(input, output, matrix);
    }

    /// <summary>Adds the update to <paramref name="output"/>, which holds x transpose(W).</summary>
    public static LowRankRecord Forward(TapeContext context, TapeValue input, TapeValue output, TrainedMatrix matrix, TrainedUpdate update)
    {
        ulong? seed = update.Dropout > 0 && context.DropoutSeed is ulong batch ? RandomBits.KeyOf(batch, update.Name) : null;
        TapeValue inner = context.Allocate(input.Rows, update.Rank, needsGradient: false);
        using (TapeContext.Workspace dropped = context.Borrow(input.Width))
        {
            float* x = Dropped(context, input, seed, update, dropped.Pointer);
            context.Product.Multiply(x, input.Rows, input.Width, new ProductTarget(update.A.Value, inner.Data, update.Rank));
        }

        VectorAdd.Scale(context.Pool, inner.Data, update.Scale, inner.Count);
        using (TapeContext.Workspace delta = context.Borrow(output.Width))
        {
            context.Product.Multiply(inner.Data, input.Rows, update.Rank, new ProductTarget(update.B.Value, delta.Pointer, output.Width));
            VectorAdd.Add(context.Pool, output.Data, delta.Pointer, output.Count);
        }

        TapeValue? before = null;
        if (update.Magnitude is not null)
        {
            before = context.Allocate(output.Rows, output.Width, needsGradient: false);
            Buffer.MemoryCopy(output.Data, before.Data, output.Count * sizeof(float), output.Count * sizeof(float));
            ScaleColumns(output.Data, output.Data, output.Rows, Factors(update));
        }

        return new LowRankRecord(input, output, matrix, update, inner, before, seed);
    }

    public override void Backward(TapeContext context)
    {
        float* gradient = output.Gradient;
        using TapeContext.Workspace scaled = context.Borrow(output.Width);
        if (update.Magnitude is { } magnitude)
        {
            MagnitudeGradient(magnitude, gradient);
            ScaleColumns(gradient, scaled.Pointer, output.Rows, Factors(update));
            gradient = scaled.Pointer;
        }

        context.Product.WeightGradient(
            gradient, output.Width, inner.Data, output.Rows, output.Width, update.Rank, update.B.GradientPointer);
        using TapeContext.Workspace innerGradient = context.Borrow(update.Rank);
        context.Product.InputGradient(gradient, output.Width, output.Rows, update.B.Value, innerGradient.Pointer, accumulate: false);
        VectorAdd.Scale(context.Pool, innerGradient.Pointer, update.Scale, inner.Count);
        using TapeContext.Workspace dropped = context.Borrow(input.Width);
        float* x = Dropped(context, input, dropoutSeed, update, dropped.Pointer);
        context.Product.WeightGradient(
            innerGradient.Pointer, update.Rank, x, input.Rows, update.Rank, input.Width, update.A.GradientPointer);

        if (input.NeedsGradient)
        {
            frozen.InputGradient(context, gradient);
            float* inputGradient = input.OpenGradient(context.Memory, out _);
            if (dropoutSeed is ulong seed)
            {
                context.Product.InputGradient(
                    innerGradient.Pointer, update.Rank, input.Rows, update.A.Value, dropped.Pointer, accumulate: false);
                Dropout.Backward(context.Pool, dropped.Pointer, dropped.Pointer, input.Count, update.Dropout, seed);
                VectorAdd.Add(context.Pool, inputGradient, dropped.Pointer, input.Count);
            }
            else
            {
                context.Product.InputGradient(
                    innerGradient.Pointer, update.Rank, input.Rows, update.A.Value, inputGradient, accumulate: true);
            }
        }
    }

    private static float* Dropped(TapeContext context, TapeValue input, ulong? seed, TrainedUpdate update, float* workspace)
    {
        if (seed is not ulong value)
        {
            return input.Data;
        }

        Dropout.Forward(context.Pool, input.Data, workspace, input.Count, update.Dropout, value);
        return workspace;
    }

    private static float[] Factors(TrainedUpdate update)
    {
        Span<float> magnitude = update.Magnitude!.Value.AsFloats();
        var factors = new float[magnitude.Length];
        System.Numerics.Tensors.TensorPrimitives.Multiply(magnitude, update.InverseNorms, factors);
        return factors;
    }

    private static void ScaleColumns(float* source, float* destination, int rows, float[] factors)
    {
        for (int row = 0; row < rows; row++)
        {
            nint start = (nint)row * factors.Length;
            System.Numerics.Tensors.TensorPrimitives.Multiply(
                new ReadOnlySpan<float>(source + start, factors.Length), factors, new Span<float>(destination + start, factors.Length));
        }
    }

    private void MagnitudeGradient(Parameter magnitude, float* gradient)
    {
        int width = output.Width;
        var sum = new double[width];
        for (int row = 0; row < output.Rows; row++)
        {
            float* dy = gradient + ((nint)row * width);
            float* z = beforeMagnitude!.Data + ((nint)row * width);
            for (int i = 0; i < width; i++)
            {
                sum[i] += (double)dy[i] * z[i];
            }
        }

        for (int i = 0; i < width; i++)
        {
            magnitude.GradientPointer[i] += (float)(sum[i] * update.InverseNorms[i]);
        }
    }
}
