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

    private static void ShouldBeClose(float[] actual, float[] expected, string name) =>
        ((double)Closeness.LargestDifference(actual, expected)).ShouldBeAtMost(3e-6 * MathF.Max(1, expected.Max(MathF.Abs)), name);
}
