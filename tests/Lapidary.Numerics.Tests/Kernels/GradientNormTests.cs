using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Threading;
using Shouldly;
using Xunit;

namespace Lapidary.Numerics.Tests.Kernels;

/// <summary>Sums of squares that do not depend on the threads, and the place of the first number that is none.</summary>
public unsafe class GradientNormTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(17)]
    [InlineData(16_384)]
    [InlineData(16_385)]
    [InlineData(150_001)]
    public void The_sum_is_that_of_the_reference_and_the_same_for_any_number_of_threads(int count)
    {
        float[] values = RandomData.Floats(count + 1, seed: 3, scale: 5);
        (double expected, _) = GradientNorm.Reference(values.AsSpan(1));
        double? first = null;
        foreach (int threads in new[] { 1, 2, 5 })
        {
            using var pool = new WorkerPool(threads);
            fixed (float* x = values)
            {
                (double sum, long nonFinite) = GradientNorm.SquaredSum(pool, x + 1, count);
                sum.ShouldBe(expected, 1e-300 + (1e-12 * expected));
                nonFinite.ShouldBe(-1);
                (first ??= sum).ShouldBe(sum);
            }
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void The_first_number_that_is_not_finite_is_found(float bad)
    {
        using var pool = new WorkerPool(2);
        foreach (int position in new[] { 0, 7, 16_383, 16_384, 40_000, 49_999 })
        {
            float[] values = RandomData.Floats(50_000, seed: 3);
            values[position] = bad;
            values[^1] = float.NaN;
            fixed (float* x = values)
            {
                (double sum, long nonFinite) = GradientNorm.SquaredSum(pool, x, values.Length);
                double.IsFinite(sum).ShouldBeFalse();
                nonFinite.ShouldBe(position);
            }
        }
    }

    [Fact]
    public void Squares_of_the_largest_floats_do_not_overflow()
    {
        using var pool = new WorkerPool(1);
        float[] values = Enumerable.Repeat(float.MaxValue, 100).ToArray();
        fixed (float* x = values)
        {
            (double sum, long nonFinite) = GradientNorm.SquaredSum(pool, x, values.Length);
            sum.ShouldBe(100 * (double)float.MaxValue * float.MaxValue, 1e65);
            nonFinite.ShouldBe(-1);
        }
    }
}
