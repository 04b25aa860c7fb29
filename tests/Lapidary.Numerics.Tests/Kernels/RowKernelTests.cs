using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Threading;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Numerics.Tests.Kernels;

/// <summary>The kernels that treat each row, or each element, on its own.</summary>
public unsafe class RowKernelTests
{
    public static TheoryData<int, int> Shapes => new() { { 1, 1 }, { 3, 7 }, { 2, 16 }, { 5, 33 }, { 1, 640 }, { 70, 257 }, { 64, 640 } };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void RmsNorm_agrees_with_its_reference(int rows, int width)
    {
        float[] input = RandomData.Floats(rows * width, seed: 1, scale: 3);
        float[] scale = RandomData.Floats(width, seed: 2);
        var expected = new float[rows * width];
        for (int row = 0; row < rows; row++)
        {
            RmsNorm.Reference(input.AsSpan(row * width, width), scale, expected.AsSpan(row * width, width), 1e-6f);
        }

        foreach (int threads in new[] { 1, 2, 5 })
        {
            using var pool = new WorkerPool(threads);
            var output = new float[rows * width];
            // One element off the alignment that the allocator gives.
            fixed (float* x = Shifted(input), s = scale, y = output)
            {
                RmsNorm.Forward(pool, x + 1, s, y, rows, width, 1e-6f).ShouldBeTrue();
            }

            ShouldBeClose(output, expected, 1e-6f);
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void RmsNorm_reports_numbers_that_are_not_finite(float bad)
    {
        using var pool = new WorkerPool(2);
        for (int position = 0; position < 130; position += 43)
        {
            float[] input = RandomData.Floats(130, seed: 1);
            input[position] = bad;
            float[] scale = RandomData.Floats(65, seed: 2);
            fixed (float* x = input, s = scale)
            {
                RmsNorm.Forward(pool, x, s, x, 2, 65, 1e-6f).ShouldBeFalse();
            }
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void GatedGelu_agrees_with_its_reference(int rows, int width)
    {
        float[] gate = RandomData.Floats(rows * width, seed: 1, scale: 8);
        float[] up = RandomData.Floats(rows * width, seed: 2);
        float[] expected = [.. gate];
        GatedGelu.Reference(expected, up);
        foreach (int threads in new[] { 1, 2, 5 })
        {
            using var pool = new WorkerPool(threads);
            float[] output = Shifted(gate);
            fixed (float* x = output, u = up)
            {
                GatedGelu.Forward(pool, x + 1, u, rows, width);
            }

            ShouldBeClose(output[1..], expected, 2e-6f);
        }
    }

    [Fact]
    public void GatedGelu_is_right_at_the_ends_of_the_range()
    {
        float[] gate = [-1e30f, -100, -20, -10, -1e-20f, 0, 1e-20f, 10, 20, 100, 1e30f];
        float[] up = Enumerable.Repeat(1f, gate.Length).ToArray();
        using var pool = new WorkerPool(1);
        fixed (float* x = gate, u = up)
        {
            GatedGelu.Forward(pool, x, u, 1, gate.Length);
        }

        gate[..4].ShouldAllBe(value => MathF.Abs(value) < 1e-7f);
        gate[5].ShouldBe(0);
        gate[7..].ShouldBe([10, 20, 100, 1e30f]);
    }

    [Theory]
    [InlineData(1, 1, 16)]
    [InlineData(9, 4, 32)]
    [InlineData(3, 2, 6)]
    [InlineData(40, 3, 256)]
    public void RotaryEmbedding_agrees_with_its_reference(int tokens, int heads, int dimension)
    {
        float[] values = RandomData.Floats(tokens * heads * dimension, seed: 1);
        int[] positions = [.. Enumerable.Range(0, tokens).Select(i => (i * 3271) % 131072)];
        float[] expected = [.. values];
        for (int i = 0; i < tokens * heads; i++)
        {
            RotaryEmbedding.Reference(expected.AsSpan(i * dimension, dimension), positions[i / heads], 1e6, 8);
        }

        foreach (int threads in new[] { 1, 2, 5 })
        {
            using var pool = new WorkerPool(threads);
            float[] output = Shifted(values);
            var table = new float[tokens * dimension];
            fixed (float* x = output, t = table)
            {
                RotaryEmbedding.FillTable(positions, dimension, 1e6, 8, t);
                RotaryEmbedding.Forward(pool, x + 1, t, tokens, heads, dimension);
            }

            ShouldBeClose(output[1..], expected, 3e-7f);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(37)]
    [InlineData(10_000)]
    public void SoftCap_agrees_with_its_reference(int count)
    {
        float[] values = RandomData.Floats(count, seed: 1, scale: 120);
        float[] expected = [.. values];
        SoftCap.Reference(expected, 30);
        using var pool = new WorkerPool(2);
        float[] output = Shifted(values);
        fixed (float* x = output)
        {
            SoftCap.Forward(pool, x + 1, count, 30);
        }

        for (int i = 0; i < count; i++)
        {
            Math.Abs(output[i + 1] - expected[i]).ShouldBeAtMost(30 * 3e-7, $"element {i}");
        }
    }

    [Fact]
    public void VectorAdd_adds_and_scales_every_element()
    {
        foreach (int count in new[] { 1, 5, 1023, 1024, 1025, 40_000 })
        {
            foreach (int threads in new[] { 1, 3 })
            {
                using var pool = new WorkerPool(threads);
                float[] target = RandomData.Floats(count, seed: 1), addend = RandomData.Floats(count, seed: 2);
                float[] expected = [.. target.Zip(addend, (a, b) => (a + b) * 3f)];
                fixed (float* t = target, a = addend)
                {
                    VectorAdd.Add(pool, t, a, count);
                    VectorAdd.Scale(pool, t, 3f, count);
                }

                target.ShouldBe(expected);
            }
        }
    }

    private static float[] Shifted(float[] values) => [0, .. values];

    private static void ShouldBeClose(float[] actual, float[] expected, float relative)
    {
        actual.Length.ShouldBe(expected.Length);
        float largest = expected.Max(MathF.Abs);
        for (int i = 0; i < actual.Length; i++)
        {
            MathF.Abs(actual[i] - expected[i]).ShouldBeAtMost(relative * largest, $"element {i}");
        }
    }
}
