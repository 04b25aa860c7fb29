using Lapidary.Numerics.Formats;
using Lapidary.Numerics.Kernels;

namespace Lapidary.Workbench.Training.Tape.Records;

/// <summary>
/// Rows of the embedding table times a scale; rows of the soft prompt, for tokens below zero, as they are. The gradient of a row goes to
/// the table or to the prompt.
/// </summary>
internal sealed unsafe class EmbedRecord(TapeValue output, Parameter? table, Parameter? prompt, float scale) : TapeRecord
{
    public static TapeValue Forward(TapeContext context, List<TapeRecord>? tape, TrainedMatrix table, Parameter? prompt, float scale)
    {
        int[] tokens = context.Batch.Tokens;
        int width = table.Inputs;
        TapeValue output = context.Allocate(tokens.Length, width, table.Own is not null || prompt is not null, isStream: true);
        WeightFormat format = WeightFormat.Of(table.Applied.Type);
        for (int i = 0; i < tokens.Length; i++)
        {
            float* row = output.Data + ((nint)i * width);
            if (tokens[i] < 0)
            {
                prompt!.Value.DecodeRow(-1 - tokens[i], new Span<float>(row, width));
            }
            else
            {
                format.Decode(table.Applied.RowPointer(tokens[i]), row, width);
                System.Numerics.Tensors.TensorPrimitives.Multiply(new ReadOnlySpan<float>(row, width), scale, new Span<float>(row, width));
            }
        }

        if (output.NeedsGradient)
        {
            tape?.Add(new EmbedRecord(output, table.Own, prompt, scale));
        }

        return output;
    }

    public override void Backward(TapeContext context)
    {
        int[] tokens = context.Batch.Tokens;
        if (table is not null)
        {
            EmbeddingTable.Backward(context.Pool, output.Gradient, tokens, scale, table.GradientPointer, output.Width);
        }

        if (prompt is not null)
        {
            for (int i = 0; i < tokens.Length; i++)
            {
                if (tokens[i] < 0)
                {
                    var sum = new Span<float>(prompt.GradientPointer + ((nint)(-1 - tokens[i]) * output.Width), output.Width);
                    System.Numerics.Tensors.TensorPrimitives.Add(
                        sum, new ReadOnlySpan<float>(output.Gradient + ((nint)i * output.Width), output.Width), sum);
                }
            }
        }
    }
}
