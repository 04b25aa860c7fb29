namespace Lapidary.Workbench.Training.Tape.Records;

/// <summary>Some rows of a value; the gradient of the others is zero.</summary>
internal sealed unsafe class GatherRecord(TapeValue input, TapeValue output, int[] rows) : TapeRecord
{
    public static TapeValue Forward(TapeContext context, List<TapeRecord>? tape, TapeValue input, int[] rows)
    {
        TapeValue output = context.Allocate(rows.Length, input.Width, input.NeedsGradient, input.IsStream);
        for (int i = 0; i < rows.Length; i++)
        {
            Row(input.Data, rows[i], input.Width).CopyTo(Row(output.Data, i, input.Width));
        }

        if (output.NeedsGradient)
        {
            tape?.Add(new GatherRecord(input, output, rows));
        }

        return output;
    }

    public override void Backward(TapeContext context)
    {
        float* gradient = input.OpenGradient(context.Memory, out bool accumulate);
        if (accumulate)
        {
            throw new InvalidOperationException("Rows are gathered behind everything else that reads the value.");
        }

        new Span<byte>(gradient, checked((int)(input.Count * sizeof(float)))).Clear();
        for (int i = 0; i < rows.Length; i++)
        {
            Row(output.Gradient, i, input.Width).CopyTo(Row(gradient, rows[i], input.Width));
        }
    }

    private static Span<float> Row(float* data, int row, int width) => new(data + ((nint)row * width), width);
}
