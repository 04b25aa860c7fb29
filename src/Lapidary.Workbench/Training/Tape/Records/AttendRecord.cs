using Lapidary.Networks;
using Lapidary.Numerics.Kernels;

namespace Lapidary.Workbench.Training.Tape.Records;

/// <summary>Causal attention inside each document: see <see cref="DocumentAttention"/>.</summary>
internal sealed unsafe class AttendRecord(
    TapeValue query, TapeValue key, TapeValue value, TapeValue output, TapeValue logSumExp, AttentionSpec spec) : TapeRecord
{
    public static TapeValue Forward(
        TapeContext context, List<TapeRecord>? tape, TapeValue query, TapeValue key, TapeValue value, in AttentionSpec spec)
    {
        TapeValue output = context.Allocate(
            query.Rows, query.Width, query.NeedsGradient || key.NeedsGradient || value.NeedsGradient);
        TapeValue logSumExp = context.Allocate(query.Rows, spec.HeadCount, needsGradient: false);
        context.Attention.Forward(
            query.Data, key.Data, value.Data, output.Data, logSumExp.Data, context.Batch.DocumentStarts,
            spec.HeadCount, spec.KeyValueHeadCount, spec.HeadDimension, spec.Window, spec.Scale, spec.Cap);
        if (output.NeedsGradient)
        {
            tape?.Add(new AttendRecord(query, key, value, output, logSumExp, spec));
        }

        return output;
    }

    public override void Backward(TapeContext context) =>
        context.Attention.Backward(
            query.Data, key.Data, value.Data, output.Data, logSumExp.Data, output.Gradient,
            query.OpenGradient(context.Memory, out _), key.OpenGradient(context.Memory, out _), value.OpenGradient(context.Memory, out _),
            context.Batch.DocumentStarts,
            spec.HeadCount, spec.KeyValueHeadCount, spec.HeadDimension, spec.Window, spec.Scale, spec.Cap);
}
