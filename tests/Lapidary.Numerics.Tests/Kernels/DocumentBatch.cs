using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Threading;

namespace Lapidary.Numerics.Tests.Kernels;

/// <summary>Random inputs of <see cref="DocumentAttention"/> and what it, or its reference, makes of them.</summary>
internal sealed unsafe class DocumentBatch(int[] lengths, int heads, int keyHeads, int dimension, int? window, float? cap = null)
{
    private int[] starts = [0, .. lengths.Select((_, i) => lengths[..(i + 1)].Sum())];

    public float Scale { get; } = 1.5f / MathF.Sqrt(dimension);

    public float[] Query { get; private init; } = RandomData.Floats(lengths.Sum() * heads * dimension, seed: 1, scale: 2);

    public float[] Key { get; private init; } = RandomData.Floats(lengths.Sum() * keyHeads * dimension, seed: 2, scale: 2);

    public float[] Value { get; private init; } = RandomData.Floats(lengths.Sum() * keyHeads * dimension, seed: 3);

    public float[] OutputGradient { get; private init; } = RandomData.Floats(lengths.Sum() * heads * dimension, seed: 4);

    public float[] Output { get; private set; } = [];

    public float[] LogSumExp { get; private set; } = [];

    public float[] QueryGradient { get; private set; } = [];

    public float[] KeyGradient { get; private set; } = [];

    public float[] ValueGradient { get; private set; } = [];

    /// <summary>All results, to be compared bit by bit.</summary>
    public float[] Results => [.. Output, .. LogSumExp, .. QueryGradient, .. KeyGradient, .. ValueGradient];

    /// <summary>One document of this batch as a batch of its own.</summary>
    public DocumentBatch Alone(int document)
    {
        Range tokens = starts[document]..starts[document + 1];
        return new DocumentBatch([lengths[document]], heads, keyHeads, dimension, window, cap)
        {
            Query = Query[Elements(tokens, heads)],
            Key = Key[Elements(tokens, keyHeads)],
            Value = Value[Elements(tokens, keyHeads)],
            OutputGradient = OutputGradient[Elements(tokens, heads)],
        };
    }

    /// <summary>What one document of this batch has of the results.</summary>
    public float[] ResultsOf(int document)
    {
        Range tokens = starts[document]..starts[document + 1];
        Range rows = (tokens.Start.Value * heads)..(tokens.End.Value * heads);
        return
        [
            .. Output[Elements(tokens, heads)], .. LogSumExp[rows], .. QueryGradient[Elements(tokens, heads)],
            .. KeyGradient[Elements(tokens, keyHeads)], .. ValueGradient[Elements(tokens, keyHeads)],
        ];
    }

    /// <summary>Makes a document's inputs NaN.</summary>
    public DocumentBatch Poison(int document)
    {
        Range tokens = starts[document]..starts[document + 1];
        Query.AsSpan(Elements(tokens, heads)).Fill(float.NaN);
        Key.AsSpan(Elements(tokens, keyHeads)).Fill(float.NaN);
        Value.AsSpan(Elements(tokens, keyHeads)).Fill(float.NaN);
        OutputGradient.AsSpan(Elements(tokens, heads)).Fill(float.NaN);
        return this;
    }

    /// <summary>Leaves out the first and the last document: their rows are still there, but belong to none.</summary>
    public DocumentBatch WithoutEnds()
    {
        starts = starts[1..^1];
        return this;
    }

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

    private Range Elements(Range tokens, int tokenHeads) =>
        (tokens.Start.Value * tokenHeads * dimension)..(tokens.End.Value * tokenHeads * dimension);

    private static float[] Unwritten(int length) => [.. Enumerable.Repeat(float.NaN, length)];

    private static float[] Narrow(double[] values) => [.. values.Select(value => (float)value)];
}
