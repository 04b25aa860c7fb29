using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Threading;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Numerics.Tests.Kernels;

/// <summary>The second half of a low-rank update.</summary>
public unsafe class LowRankAddTests
{
    public static TheoryData<int, int, int> Shapes => new()
    {
        { 1, 1, 1 }, { 3, 5, 7 }, { 1, 4, 64 }, { 2, 16, 65 }, { 33, 3, 127 }, { 70, 8, 640 }, { 1, 33, 2048 }, { 65, 1, 191 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void It_agrees_with_its_reference_for_any_number_of_threads(int rows, int rank, int width)
    {
        int stride = LowRankAdd.Stride(width);
        float[] reduced = RandomData.Floats(rows * rank, seed: 1);
        float[] b = RandomData.Floats(rank * stride, seed: 2);
        float[] factors = RandomData.Floats(stride, seed: 3, scale: 2);
        float[] before = RandomData.Floats(rows * width, seed: 4);
        foreach (bool withFactors in (bool[])[true, false])
        {
            float[] expected = [.. before];
            for (int row = 0; row < rows; row++)
            {
                LowRankAdd.Reference(
                    reduced.AsSpan(row * rank, rank), b, withFactors ? factors : [], expected.AsSpan(row * width, width));
            }

            float[]? first = null;
            foreach (int threads in new[] { 1, 2, 5 })
            {
                using var pool = new WorkerPool(threads);

                // One element off the alignment that the allocator gives, and one on each side that must stay.
                float[] output = [7, .. before, 9];
                fixed (float* z = (float[])[0, .. reduced], m = (float[])[0, .. b], f = (float[])[0, .. factors], y = output)
                {
                    LowRankAdd.Forward(pool, z + 1, rows, rank, m + 1, withFactors ? f + 1 : null, y + 1, width);
                }

                (output[0], output[^1]).ShouldBe((7, 9));
                Closeness.LargestDifference(output.AsSpan(1, output.Length - 2), expected).ShouldBeAtMost(1e-6 * (rank + 2));
                first ??= output;
                output.ShouldBe(first);
            }
        }
    }

    [Fact]
    public void A_row_is_the_same_alone_and_beside_others()
    {
        const int Rows = 67;
        const int Rank = 6;
        const int Width = 200;
        float[] reduced = RandomData.Floats(Rows * Rank, seed: 1);
        float[] b = RandomData.Floats(Rank * LowRankAdd.Stride(Width), seed: 2);
        float[] output = RandomData.Floats(Rows * Width, seed: 4);
        float[] alone = [.. output];
        using var pool = new WorkerPool(3);
        fixed (float* z = reduced, m = b, y = output, one = alone)
        {
            LowRankAdd.Forward(pool, z, Rows, Rank, m, null, y, Width);
            for (int row = 0; row < Rows; row++)
            {
                LowRankAdd.Forward(pool, z + (row * Rank), 1, Rank, m, null, one + (row * Width), Width);
            }
        }

        alone.ShouldBe(output);
    }
}
