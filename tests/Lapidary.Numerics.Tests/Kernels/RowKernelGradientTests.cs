using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Threading;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Numerics.Tests.Kernels;

/// <summary>The backward passes of the kernels that treat each row, or each element, on its own.</summary>
public unsafe class RowKernelGradientTests
{
    private const float Epsilon = 1e-6f;

    private static readonly int[] ThreadCounts = [1, 2, 5];

    public static TheoryData<int, int> Shapes => new()
    {
        { 1, 1 }, { 3, 7 }, { 2, 16 }, { 5, 33 }, { 1, 640 }, { 64, 640 }, { 65, 17 }, { 300, 257 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void RmsNorm_agrees_with_its_reference(int rows, int width)
    {
        float[] input = RandomData.Floats(rows * width, seed: 1, scale: 3), scale = RandomData.Floats(width, seed: 2);
        float[] outputGradient = RandomData.Floats(rows * width, seed: 3), startScale = RandomData.Floats(width, seed: 4);
        var expected = new float[rows * width];
        double[] expectedScale = [.. startScale.Select(value => (double)value)];
        for (int row = 0; row < rows; row++)
        {
            Range at = (row * width)..((row + 1) * width);
            RmsNorm.BackwardReference(input.AsSpan(at), scale, outputGradient.AsSpan(at), expected.AsSpan(at), expectedScale, Epsilon);
        }

        (float[] Input, float[] Scale)? first = null;
        foreach (int threads in ThreadCounts)
        {
            using var pool = new WorkerPool(threads);
            float[] inputGradient = new float[(rows * width) + 1], scaleGradient = [0, .. startScale];
            fixed (float* x = Shifted(input), g = scale, dy = outputGradient, dx = inputGradient, dg = scaleGradient)
            {
                RmsNorm.Backward(pool, x + 1, g, dy, dx + 1, accumulate: false, dg + 1, rows, width, Epsilon);
            }

            ShouldBeClose(inputGradient[1..], expected, 2e-6f);
            ShouldBeClose(scaleGradient[1..], [.. expectedScale.Select(value => (float)value)], 2e-6f);
            first ??= (inputGradient, scaleGradient);
            inputGradient.ShouldBe(first.Value.Input, $"{threads} threads");
            scaleGradient.ShouldBe(first.Value.Scale, $"{threads} threads");
        }
    }

    [Fact]
    public void RmsNorm_adds_or_replaces_and_leaves_a_frozen_scale()
    {
        const int Rows = 70, Width = 37;
        float[] input = RandomData.Floats(Rows * Width, seed: 1), scale = RandomData.Floats(Width, seed: 2);
        float[] outputGradient = RandomData.Floats(Rows * Width, seed: 3), start = RandomData.Floats(Rows * Width, seed: 4);
        using var pool = new WorkerPool(2);
        float[] written = new float[Rows * Width], added = [.. start], inPlace = [.. outputGradient];
        fixed (float* x = input, g = scale, dy = outputGradient, dx = written, sum = added, both = inPlace)
        {
            RmsNorm.Backward(pool, x, g, dy, dx, accumulate: false, scaleGradient: null, Rows, Width, Epsilon);
            RmsNorm.Backward(pool, x, g, dy, sum, accumulate: true, scaleGradient: null, Rows, Width, Epsilon);
            RmsNorm.Backward(pool, x, g, both, both, accumulate: false, scaleGradient: null, Rows, Width, Epsilon);
        }

        inPlace.ShouldBe(written);
        added.ShouldBe([.. start.Zip(written, (a, b) => a + b)]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(9)]
    public void The_reference_of_RmsNorm_is_the_gradient(int width)
    {
        float[] input = RandomData.Floats(width, seed: 1), scale = RandomData.Floats(width, seed: 2), weights = RandomData.Floats(width, seed: 3);
        var inputGradient = new float[width];
        var scaleGradient = new double[width];
        RmsNorm.BackwardReference(input, scale, weights, inputGradient, scaleGradient, 0.1f);
        float[] Forward()
        {
            var output = new float[width];
            RmsNorm.Reference(input, scale, output, 0.1f);
            return output;
        }

        new ReadOnlySpan<float>(inputGradient).ShouldBeTheGradientOf(input, Forward, weights, "input");
        new ReadOnlySpan<float>([.. scaleGradient.Select(value => (float)value)]).ShouldBeTheGradientOf(scale, Forward, weights, "scale");
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void GatedGelu_agrees_with_its_reference(int rows, int width)
    {
        int count = rows * width;
        float[] gate = RandomData.Floats(count, seed: 1, scale: 8), up = RandomData.Floats(count, seed: 2);
        float[] outputGradient = RandomData.Floats(count, seed: 3);
        float[] expectedGate = [.. gate], expectedUp = [.. up];
        GatedGelu.BackwardReference(expectedGate, expectedUp, outputGradient);
        foreach (int threads in ThreadCounts)
        {
            using var pool = new WorkerPool(threads);
            float[] gateGradient = Shifted(gate), upGradient = Shifted(up);
            fixed (float* x = gateGradient, u = upGradient, dy = outputGradient)
            {
                GatedGelu.Backward(pool, x + 1, u + 1, dy, rows, width);
            }

            ShouldBeClose(gateGradient[1..], expectedGate, 2e-6f);
            ShouldBeClose(upGradient[1..], expectedUp, 2e-6f);
        }
    }

    [Fact]
    public void GatedGelu_is_right_at_the_ends_of_the_range()
    {
        float[] gate = [-1e30f, -100, -20, -10, -1e-20f, 0, 1e-20f, 10, 20, 100, 1e30f];
        float[] up = [.. Enumerable.Repeat(1f, gate.Length)], outputGradient = [.. Enumerable.Repeat(1f, gate.Length)];
        using var pool = new WorkerPool(1);
        fixed (float* x = gate, u = up, dy = outputGradient)
        {
            GatedGelu.Backward(pool, x, u, dy, 1, gate.Length);
        }

        gate[..4].ShouldAllBe(value => MathF.Abs(value) < 1e-7f);
        gate[4..7].ShouldBe([0.5f, 0.5f, 0.5f]);
        gate[7..].ShouldBe([1, 1, 1, 1]);
        up[..4].ShouldAllBe(value => MathF.Abs(value) < 1e-7f);
        up[7..].ShouldBe([10, 20, 100, 1e30f]);
    }

    [Fact]
    public void The_reference_of_GatedGelu_is_the_gradient()
    {
        float[] gate = RandomData.Floats(40, seed: 1, scale: 4), up = RandomData.Floats(40, seed: 2), weights = RandomData.Floats(40, seed: 3);
        float[] gateGradient = [.. gate], upGradient = [.. up];
        GatedGelu.BackwardReference(gateGradient, upGradient, weights);
        float[] Forward()
        {
            float[] output = [.. gate];
            GatedGelu.Reference(output, up);
            return output;
        }

        new ReadOnlySpan<float>(gateGradient).ShouldBeTheGradientOf(gate, Forward, weights, "gate");
        new ReadOnlySpan<float>(upGradient).ShouldBeTheGradientOf(up, Forward, weights, "up");
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void GatedGelu_into_another_place_gives_the_same_and_keeps_its_inputs(int rows, int width)
    {
        float[] gate = RandomData.Floats(rows * width, seed: 1, scale: 8), up = RandomData.Floats(rows * width, seed: 2);
        float[] expected = [.. gate], keptGate = [.. gate], keptUp = [.. up];
        var output = new float[rows * width];
        using var pool = new WorkerPool(2);
        fixed (float* x = expected, g = gate, u = up, y = output)
        {
            GatedGelu.Forward(pool, x, u, rows, width);
            GatedGelu.Forward(pool, g, u, y, rows, width);
        }

        output.ShouldBe(expected);
        gate.ShouldBe(keptGate);
        up.ShouldBe(keptUp);
    }

    [Theory]
    [InlineData(1, 1, 16)]
    [InlineData(9, 4, 32)]
    [InlineData(3, 2, 6)]
    [InlineData(40, 3, 256)]
    public void RotaryEmbedding_turns_back(int tokens, int heads, int dimension)
    {
        float[] values = RandomData.Floats(tokens * heads * dimension, seed: 1);
        int[] positions = [.. Enumerable.Range(0, tokens).Select(i => i * 3271 % 131072)];
        float[] expected = [.. values];
        for (int i = 0; i < tokens * heads; i++)
        {
            RotaryEmbedding.Reference(expected.AsSpan(i * dimension, dimension), -positions[i / heads], 1e6, 8);
        }

        foreach (int threads in ThreadCounts)
        {
            using var pool = new WorkerPool(threads);
            float[] gradient = Shifted(values);
            var table = new float[tokens * dimension];
            fixed (float* x = gradient, t = table)
            {
                RotaryEmbedding.FillTable(positions, dimension, 1e6, 8, t);
                RotaryEmbedding.Backward(pool, x + 1, t, tokens, heads, dimension);
                ShouldBeClose(gradient[1..], expected, 3e-7f);
                RotaryEmbedding.Forward(pool, x + 1, t, tokens, heads, dimension);
                ShouldBeClose(gradient[1..], values, 5e-7f);
            }
        }
    }

    [Fact]
    public void The_reference_of_RotaryEmbedding_at_the_negative_position_is_the_gradient()
    {
        float[] head = RandomData.Floats(12, seed: 1), weights = RandomData.Floats(12, seed: 2), gradient = [.. weights];
        RotaryEmbedding.Reference(gradient, -7, 100, 1);
        float[] Forward()
        {
            float[] rotated = [.. head];
            RotaryEmbedding.Reference(rotated, 7, 100, 1);
            return rotated;
        }

        new ReadOnlySpan<float>(gradient).ShouldBeTheGradientOf(head, Forward, weights, "head");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(37)]
    [InlineData(20_001)]
    public void SoftCap_agrees_with_its_reference(int count)
    {
        float[] capped = RandomData.Floats(count, seed: 1, scale: 30), outputGradient = RandomData.Floats(count, seed: 2);
        float[] expected = [.. outputGradient];
        SoftCap.BackwardReference(capped, expected, 30);
        foreach (int threads in ThreadCounts)
        {
            using var pool = new WorkerPool(threads);
            float[] gradient = Shifted(outputGradient);
            fixed (float* y = capped, dy = gradient)
            {
                SoftCap.Backward(pool, y, dy + 1, count, 30);
            }

            ShouldBeClose(gradient[1..], expected, 5e-7f);
        }
    }

    [Fact]
    public void The_reference_of_SoftCap_is_the_gradient()
    {
        float[] values = RandomData.Floats(40, seed: 1, scale: 5), weights = RandomData.Floats(40, seed: 2), gradient = [.. weights];
        float[] Forward()
        {
            float[] capped = [.. values];
            SoftCap.Reference(capped, 3);
            return capped;
        }

        SoftCap.BackwardReference(Forward(), gradient, 3);
        new ReadOnlySpan<float>(gradient).ShouldBeTheGradientOf(values, Forward, weights, "values");
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(50, 7, 33)]
    [InlineData(300, 20, 640)]
    public void EmbeddingTable_agrees_with_its_reference(int count, int vocabulary, int width)
    {
        var random = new Random(1);
        // Few tokens, so that most occur often, and inputs that were not looked up in between.
        int[] tokens = [.. Enumerable.Range(0, count).Select(i => i % 9 == 4 ? -1 : random.Next(vocabulary))];
        float[] outputGradient = RandomData.Floats(count * width, seed: 2), start = RandomData.Floats(vocabulary * width, seed: 3);
        float[] expected = [.. start];
        EmbeddingTable.BackwardReference(outputGradient, tokens, 5.5f, expected, width);
        float[]? first = null;
        foreach (int threads in ThreadCounts)
        {
            using var pool = new WorkerPool(threads);
            float[] tableGradient = Shifted(start);
            fixed (float* dy = outputGradient, table = tableGradient)
            {
                EmbeddingTable.Backward(pool, dy, tokens, 5.5f, table + 1, width);
            }

            ShouldBeClose(tableGradient[1..], expected, 1e-6f);
            first ??= tableGradient;
            tableGradient.ShouldBe(first, $"{threads} threads");
        }
    }

    private static float[] Shifted(float[] values) => [0, .. values];

    // Numbers of about one go in: where they cancel (the norm of a row of one element hardly depends on it), their rounding stays.
    private static void ShouldBeClose(float[] actual, float[] expected, float relative) =>
        Closeness.LargestDifference(actual, expected).ShouldBeAtMost(relative * MathF.Max(expected.Max(MathF.Abs), 0.1f));
}
