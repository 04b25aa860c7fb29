using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Threading;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Numerics.Tests.Kernels;

public unsafe class DocumentAttentionTests
{
    public static TheoryData<int[], int, int, int, int?, float?> Shapes => new()
    {
        { [1], 1, 1, 32, null, null },
        { [1, 1, 2, 1], 4, 1, 32, 1, null },
        { [63, 64, 65], 4, 1, 64, null, null },
        { [30, 7, 130], 4, 1, 64, 5, null },
        { [128, 1, 200], 6, 2, 80, 64, null },
        { [129, 66], 1, 1, 80, 65, 4f },
        { [70, 192], 4, 1, 256, 64, 2.5f },
        { [300], 2, 2, 24, null, null },
        { [100], 3, 1, 17, 33, 7f },
        // More weights than are kept at a time: sums over queries are interrupted and go on.
        { [5, 900, 64], 6, 2, 16, null, null },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Agrees_with_its_reference(int[] lengths, int heads, int keyHeads, int dimension, int? window, float? cap)
    {
        using var pool = new WorkerPool(2);
        DocumentBatch actual = new DocumentBatch(lengths, heads, keyHeads, dimension, window, cap).Run(pool);
        DocumentBatch expected = new DocumentBatch(lengths, heads, keyHeads, dimension, window, cap).RunReference();
        ShouldBeClose(actual.Output, expected.Output, "output");
        ShouldBeClose(actual.LogSumExp, expected.LogSumExp, "log-sum-exp");
        ShouldBeClose(actual.ValueGradient, expected.ValueGradient, "value");
        ShouldBeClose(actual.QueryGradient, expected.QueryGradient, "query");
        ShouldBeClose(actual.KeyGradient, expected.KeyGradient, "key");
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Any_number_of_threads_gives_the_same_bits(int[] lengths, int heads, int keyHeads, int dimension, int? window, float? cap)
    {
        float[]? expected = null;
        foreach (int threads in new[] { 1, 2, 5 })
        {
            using var pool = new WorkerPool(threads);
            float[] results = new DocumentBatch(lengths, heads, keyHeads, dimension, window, cap).Run(pool).Results;
            expected ??= results;
            results.ShouldBe(expected, $"{threads} threads");
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void A_document_gives_the_same_bits_alone(int[] lengths, int heads, int keyHeads, int dimension, int? window, float? cap)
    {
        using var pool = new WorkerPool(2);
        using var attention = new DocumentAttention(pool);
        DocumentBatch batch = new DocumentBatch(lengths, heads, keyHeads, dimension, window, cap).Run(attention);
        for (int document = 0; document < lengths.Length; document++)
        {
            batch.Alone(document).Run(attention).Results.ShouldBe(batch.ResultsOf(document), $"document {document}");
        }
    }

    [Theory]
    [InlineData(32, null)]
    [InlineData(40, 5)]
    [InlineData(64, 64)]
    public void Nothing_of_a_document_reaches_its_neighbours(int dimension, int? window)
    {
        int[] lengths = [70, 3, 61, 1, 100];
        using var pool = new WorkerPool(2);
        float[] clean = new DocumentBatch(lengths, 4, 2, dimension, window).Run(pool).ResultsOf(2);
        clean.ShouldAllBe(value => float.IsFinite(value));
        new DocumentBatch(lengths, 4, 2, dimension, window).Poison(0).Poison(1).Poison(3).Poison(4).Run(pool).ResultsOf(2).ShouldBe(clean);
    }

    [Fact]
    public void Rows_outside_the_documents_are_left_alone()
    {
        int[] lengths = [9, 20, 7];
        using var pool = new WorkerPool(2);
        DocumentBatch batch = new DocumentBatch(lengths, 4, 1, 32, null).Run(pool);
        DocumentBatch inner = new DocumentBatch(lengths, 4, 1, 32, null).Poison(0).Poison(2).WithoutEnds().Run(pool);
        inner.Output[(9 * 128)..(29 * 128)].ShouldBe(batch.Output[(9 * 128)..(29 * 128)]);
        inner.KeyGradient[(9 * 32)..(29 * 32)].ShouldBe(batch.KeyGradient[(9 * 32)..(29 * 32)]);
        inner.Output[..(9 * 128)].ShouldAllBe(value => float.IsNaN(value));
        inner.KeyGradient[(29 * 32)..].ShouldAllBe(value => float.IsNaN(value));
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData(3, null)]
    [InlineData(null, 1.5f)]
    public void The_reference_is_the_gradient(int? window, float? cap)
    {
        var batch = new DocumentBatch([1, 7, 4], 4, 2, 6, window, cap);
        batch.RunReference();
        float[] query = batch.QueryGradient, key = batch.KeyGradient, value = batch.ValueGradient;
        float[] Forward() => batch.RunReference().Output;
        new ReadOnlySpan<float>(query).ShouldBeTheGradientOf(batch.Query, Forward, batch.OutputGradient, "query");
        new ReadOnlySpan<float>(key).ShouldBeTheGradientOf(batch.Key, Forward, batch.OutputGradient, "key");
        new ReadOnlySpan<float>(value).ShouldBeTheGradientOf(batch.Value, Forward, batch.OutputGradient, "value");
    }

    [Fact]
    public void The_forward_reference_is_that_of_inference()
    {
        DocumentBatch batch = new DocumentBatch([40], 1, 1, 20, 7, 3f).RunReference();
        var expected = new float[20];
        for (int token = 0; token < 40; token++)
        {
            Range visible = (Math.Max(0, token - 6) * 20)..((token + 1) * 20);
            Attention.Reference(
                batch.Query.AsSpan(token * 20, 20), batch.Key.AsSpan(visible), batch.Value.AsSpan(visible), expected, batch.Scale, 3f);
            Closeness.LargestDifference(batch.Output.AsSpan(token * 20, 20), expected).ShouldBeAtMost(1e-6);
        }
    }

    [Theory]
    [InlineData(200, 4, 1, 64, null)]
    [InlineData(150, 6, 2, 80, 64)]
    [InlineData(70, 1, 1, 17, 5)]
    public void Outputs_are_those_of_inference_bit_for_bit(int tokens, int heads, int keyHeads, int dimension, int? window)
    {
        using var pool = new WorkerPool(2);
        DocumentBatch batch = new DocumentBatch([tokens], heads, keyHeads, dimension, window).Run(pool);
        using var store = new KeyValueStore(tokens, keyHeads, dimension);
        var output = new float[batch.Output.Length];
        fixed (float* q = batch.Query, k = batch.Key, v = batch.Value, o = output)
        {
            store.Write(pool, k, v, 0, tokens);
            Attention.Forward(pool, q, o, store, tokens, 0, heads, window, batch.Scale);
        }

        batch.Output.ShouldBe(output);
    }

    [Fact]
    public void No_document_is_no_work()
    {
        using var pool = new WorkerPool(2);
        using var attention = new DocumentAttention(pool);
        attention.Forward(null, null, null, null, null, [], 4, 1, 32, null, 1, null);
        attention.Backward(null, null, null, null, null, null, null, null, null, [5, 5], 4, 1, 32, null, 1, null);
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_refused()
    {
        using var pool = new WorkerPool(1);
        using var attention = new DocumentAttention(pool);
        void Run(int[] starts, int heads, int keyHeads, int dimension, int? window) =>
            attention.Forward(null, null, null, null, null, starts, heads, keyHeads, dimension, window, 1, null);

        Should.Throw<ArgumentException>(() => Run([0, 5, 3], 4, 1, 32, null)).Message.ShouldContain("3 after 5");
        Should.Throw<ArgumentException>(() => Run([-1, 5], 4, 1, 32, null));
        Should.Throw<ArgumentException>(() => Run([0, 5], 4, 3, 32, null));
        Should.Throw<ArgumentException>(() => Run([0, 5], 4, 0, 32, null));
        Should.Throw<ArgumentException>(() => Run([0, 5], 4, 1, 0, null));
        Should.Throw<ArgumentException>(() => Run([0, 5], 4, 1, 32, 0));
    }

    private static void ShouldBeClose(float[] actual, float[] expected, string name) =>
        ((double)Closeness.LargestDifference(actual, expected)).ShouldBeAtMost(3e-6 * MathF.Max(1, expected.Max(MathF.Abs)), name);
}
