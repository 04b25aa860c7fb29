using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Threading;

namespace Lapidary.Numerics.Tests.Kernels;

/// <summary>Random inputs of <see cref="DocumentAttention"/> and what it, or its reference, makes of them.</summary>
internal sealed unsafe class DocumentBatch(int[] lengths, int heads, int keyHeads, int dimension, int? window, float? cap = null)
{
    private readonly int[] starts = [0, .. lengths.Select((_, i) => lengths[..(i + 1)].Sum())];

    public float Scale { get; } = 1.5f / MathF.Sqrt(dimension);

    public float[] Query { get; } = RandomData.Floats(lengths.Sum() * heads * dimension, seed: 1, scale: 2);

    public float[] Key { get; } = RandomData.Floats(lengths.Sum() * keyHeads * dimension, seed: 2, scale: 2);

    public float[] Value { get; } = RandomData.Floats(lengths.Sum() * keyHeads * dimension, seed: 3);

    public float[] OutputGradient { get; } = RandomData.Floats(lengths.Sum() * heads * dimension, seed: 4);

    public float[] Output { get; private set; } = [];

    public float[] LogSumExp { get; private set; } = [];

    public float[] QueryGradient { get; private set; } = [];

    public float[] KeyGradient { get; private set; } = [];

    public float[] ValueGradient { get; private set; } = [];

    /// <summary>All results, to be compared bit by bit.</summary>
    public float[] Results => [.. Output, .. LogSumExp, .. QueryGradient, .. KeyGradient, .. ValueGradient];

    /// <summary>The same inputs in other documents, windows or caps.</summary>
    public DocumentBatch Run(WorkerPool pool)
    {
        using var attention = new DocumentAttention(pool);
        return Run(attention);
    }

    public DocumentBatch Run(DocumentAttention attention)
    {
        // One element off the alignment of the allocator; whatever is not written stays NaN.
        float[] output = Unwritten(Query.Length + 1), sums = Unwritten(Query.Length / dimension);
        float[] queryGradient = Unwritten(Query.Length + 1), keyGradient = Unwritten(Key.Length + 1), valueGradient = Unwritten(Key.Length);
        fixed (float* q = (float[])[0, .. Query], k = (float[])[0, .. Key], v = Value, o = output, l = sums, go = OutputGradient)
        fixed (float* dq = queryGradient, dk = keyGradient, dv = valueGradient)
        {
            attention.Forward(q + 1, k + 1, v, o + 1, l, starts, heads, keyHeads, dimension, window, Scale, cap);
            attention.Backward(
                q + 1, k + 1, v, o + 1, l, go, dq + 1, dk + 1, dv, starts, heads, keyHeads, dimension, window, Scale, cap);
        }

        (Output, LogSumExp, QueryGradient, KeyGradient, ValueGradient) = (output[1..], sums, queryGradient[1..], keyGradient[1..], valueGradient);
        return this;
    }

    public DocumentBatch RunReference()
    {
        Output = new float[Query.Length];
        LogSumExp = new float[Query.Length / dimension];
        double[] queryGradient = new double[Query.Length], keyGradient = new double[Key.Length], valueGradient = new double[Key.Length];
        DocumentAttention.ForwardReference(
            Query, Key, Value, Output, LogSumExp, starts, heads, keyHeads, dimension, window, Scale, cap);
        DocumentAttention.BackwardReference(
            Query, Key, Value, OutputGradient, queryGradient, keyGradient, valueGradient, starts, heads, keyHeads, dimension, window, Scale, cap);
        (QueryGradient, KeyGradient, ValueGradient) = (Narrow(queryGradient), Narrow(keyGradient), Narrow(valueGradient));
        return this;
    }

    private static float[] Unwritten(int length) => [.. Enumerable.Repeat(float.NaN, length)];

    private static float[] Narrow(double[] values) => [.. values.Select(value => (float)value)];
}
