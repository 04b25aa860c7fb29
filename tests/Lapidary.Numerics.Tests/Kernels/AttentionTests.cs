using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Threading;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Numerics.Tests.Kernels;

public unsafe class AttentionTests
{
    public static TheoryData<int, int, int, int, int?> Shapes => new()
    {
        { 1, 1, 1, 16, null }, { 5, 1, 1, 16, 3 }, { 70, 4, 1, 32, null }, { 200, 4, 2, 16, 16 }, { 150, 3, 3, 24, 64 },
        { 130, 8, 2, 40, 65 }, { 300, 2, 1, 256, 100 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Forward_agrees_with_its_reference(int tokens, int heads, int keyHeads, int dimension, int? window)
    {
        var data = new Data(tokens, heads, keyHeads, dimension);
        using var pool = new WorkerPool(2);
        float[] actual = data.Run(pool, window, chunk: tokens);
        float[] expected = data.Reference(window);
        float largest = expected.Max(MathF.Abs);
        for (int i = 0; i < expected.Length; i++)
        {
            MathF.Abs(actual[i] - expected[i]).ShouldBeAtMost(2e-6f * largest, $"element {i}");
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Any_cut_and_any_number_of_threads_gives_the_same_bits(int tokens, int heads, int keyHeads, int dimension, int? window)
    {
        var data = new Data(tokens, heads, keyHeads, dimension);
        float[]? expected = null;
        foreach (int threads in new[] { 1, 2, 5 })
        {
            using var pool = new WorkerPool(threads);
            foreach (int chunk in new[] { tokens, 1, 7, 64 })
            {
                float[] actual = data.Run(pool, window, chunk);
                expected ??= actual;
                actual.ShouldBe(expected, $"{threads} threads, chunks of {chunk}");
            }
        }
    }

    [Fact]
    public void A_store_that_is_too_small_for_window_and_chunk_is_refused()
    {
        using var pool = new WorkerPool(1);
        using var store = new KeyValueStore(64, 1, 16);
        var memory = new float[16 * 65];
        Should.Throw<ArgumentOutOfRangeException>(() =>
        {
            fixed (float* x = memory)
            {
                Attention.Forward(pool, x, x, store, 20, 100, 1, 64, 1f);
            }
        });
    }

    private sealed class Data(int tokens, int heads, int keyHeads, int dimension)
    {
        private readonly float[] queries = RandomData.Floats(tokens * heads * dimension, seed: 1, scale: 2);
        private readonly float[] keys = RandomData.Floats(tokens * keyHeads * dimension, seed: 2, scale: 2);
        private readonly float[] values = RandomData.Floats(tokens * keyHeads * dimension, seed: 3);

        private float Scale => 1 / MathF.Sqrt(dimension);

        public float[] Run(WorkerPool pool, int? window, int chunk)
        {
            using var store = new KeyValueStore(Math.Min(tokens, (window ?? tokens) - 1 + chunk), keyHeads, dimension);
            var output = new float[queries.Length];
            fixed (float* q = queries, k = keys, v = values, o = output)
            {
                for (int start = 0; start < tokens; start += chunk)
                {
                    int count = Math.Min(chunk, tokens - start);
                    int keyOffset = start * keyHeads * dimension, queryOffset = start * heads * dimension;
                    store.Write(pool, k + keyOffset, v + keyOffset, start, count);
                    Attention.Forward(pool, q + queryOffset, o + queryOffset, store, count, start, heads, window, Scale);
                }
            }

            return output;
        }

        public float[] Reference(int? window)
        {
            var output = new float[queries.Length];
            for (int token = 0; token < tokens; token++)
            {
                int first = Math.Max(0, token - (window ?? int.MaxValue) + 1);
                for (int head = 0; head < heads; head++)
                {
                    int keyHead = head / (heads / keyHeads);
                    int at = ((token * heads) + head) * dimension;
                    Attention.Reference(
                        queries.AsSpan(at, dimension), Visible(keys, first, token, keyHead), Visible(values, first, token, keyHead), output.AsSpan(at, dimension), Scale);
                }
            }

            return output;
        }

        private float[] Visible(float[] all, int first, int last, int keyHead) =>
        [
            .. Enumerable.Range(first, last - first + 1)
                .SelectMany(token => all.AsSpan(((token * keyHeads) + keyHead) * dimension, dimension).ToArray()),
        ];
    }
}
