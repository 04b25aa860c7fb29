using Lapidary.Numerics.Formats;
using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Tests.Formats;
using Lapidary.Numerics.Threading;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Numerics.Tests.Kernels;

/// <summary>The gradients of products of matrices, against sums in double precision.</summary>
public unsafe class GradientProductTests
{
    public static TheoryData<int, int, int> Shapes => new()
    {
        { 1, 1, 1 }, { 1, 3, 5 }, { 2, 16, 8 }, { 5, 17, 33 }, { 6, 32, 256 }, { 7, 257, 31 }, { 11, 640, 64 },
        { 12, 48, 300 }, { 13, 513, 33 }, { 97, 40, 64 }, { 200, 19, 31 }, { 1, 1100, 17 }, { 530, 7, 9 }, { 3, 9001, 5 },
    };

    public static TheoryData<ElementType> Formats => [.. WeightFormat.All.Select(format => format.Type)];

    [Theory]
    [MemberData(nameof(Shapes))]
    public void InputGradient_agrees_with_double_precision(int rows, int outputs, int inputs)
    {
        using Tensor weight = RandomData.Matrix(ElementType.F32, outputs, inputs, seed: rows);
        foreach (int padding in new[] { 0, 3 })
        {
            int stride = outputs + padding;
            float[] gradient = RandomData.Floats(rows * stride, seed: 1);
            foreach (bool accumulate in new[] { false, true })
            {
                float[] start = accumulate ? RandomData.Floats(rows * inputs, seed: 2) : [.. Enumerable.Repeat(float.NaN, rows * inputs)];
                float[]? first = null;
                foreach (int threads in new[] { 1, 2, 5 })
                {
                    float[] result = InputGradient(threads, gradient, stride, rows, weight, start, accumulate);
                    first ??= result;
                    result.ShouldBe(first, $"{threads} threads");
                }

                CheckProduct(
                    first!, rows, inputs, outputs, accumulate ? start : null,
                    (i, k) => gradient[(i * stride) + k], (k, j) => weight.AsFloats()[(k * inputs) + j]);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void WeightGradient_agrees_with_double_precision(int rows, int outputs, int inputs)
    {
        foreach (int padding in new[] { 0, 5 })
        {
            int stride = outputs + padding;
            float[] gradient = RandomData.Floats(rows * stride, seed: 1);
            float[] input = RandomData.Floats(rows * inputs, seed: 2);
            float[] start = RandomData.Floats(outputs * inputs, seed: 3);
            float[]? first = null;
            foreach (int threads in new[] { 1, 2, 5 })
            {
                float[] result = WeightGradient(threads, gradient, stride, input, rows, outputs, inputs, start);
                first ??= result;
                result.ShouldBe(first, $"{threads} threads");
            }

            CheckProduct(
                first!, outputs, inputs, rows, start, (i, k) => gradient[(k * stride) + i], (k, j) => input[(k * inputs) + j]);
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void InputGradient_through_weights_of_any_format_has_the_bits_of_the_decoded_weights(ElementType type)
    {
        WeightFormat format = WeightFormat.Of(type);
        int[] widths = format.BlockLength == 256 ? [256, 768] : format.BlockLength == 32 ? [32, 96, 640] : [1, 31, 640];
        foreach (int inputs in widths)
        {
            const int Outputs = 137, Rows = 101;
            using Tensor weight = Tensor.Allocate(type, Outputs, inputs);
            using Tensor decoded = Tensor.Allocate(ElementType.F32, Outputs, inputs);
            for (int row = 0; row < Outputs; row++)
            {
                FormatSamples.RandomRow(format, inputs, row).CopyTo(new Span<byte>(weight.RowPointer(row), (int)weight.RowBytes));
                weight.DecodeRow(row, decoded.AsFloats().Slice(row * inputs, inputs));
            }

            float[] gradient = RandomData.Floats(Rows * Outputs, seed: 1);
            float[] start = RandomData.Floats(Rows * inputs, seed: 2);
            foreach (int threads in new[] { 1, 5 })
            {
                InputGradient(threads, gradient, Outputs, Rows, weight, start, accumulate: true)
                    .ShouldBe(InputGradient(1, gradient, Outputs, Rows, decoded, start, accumulate: true));
            }
        }
    }

    [Fact]
    public void Batches_that_are_cut_into_pieces_give_the_bits_of_the_whole()
    {
        const int Rows = 61, Outputs = 1100, Inputs = 75;
        using var pool = new WorkerPool(2);
        using var product = new MatrixProduct(pool);
        using Tensor weight = RandomData.Matrix(ElementType.BF16, Outputs, Inputs, seed: 1);
        float[] gradient = RandomData.Floats(Rows * Outputs, seed: 2), input = RandomData.Floats(Rows * Inputs, seed: 3);
        var whole = new float[Rows * Inputs];
        var cut = new float[Rows * Inputs];
        var wholeWeights = new float[Outputs * Inputs];
        var cutWeights = new float[Outputs * Inputs];
        fixed (float* dy = gradient, x = input, a = whole, b = cut, c = wholeWeights, d = cutWeights)
        {
            product.InputGradient(dy, Outputs, Rows, weight, a, accumulate: false);
            product.WeightGradient(dy, Outputs, x, Rows, Outputs, Inputs, c);
            foreach ((int first, int count) in new[] { (0, 1), (1, 17), (18, 43) })
            {
                product.InputGradient(dy + (first * Outputs), Outputs, count, weight, b + (first * Inputs), accumulate: false);
                product.WeightGradient(dy + (first * Outputs), Outputs, x + (first * Inputs), count, Outputs, Inputs, d);
            }
        }

        cut.ShouldBe(whole);
        cutWeights.ShouldBe(wholeWeights);
    }

    [Fact]
    public void More_of_the_gradient_than_is_packed_at_a_time_gives_the_same_sums()
    {
        // 16 MiB are packed: of 6,000 rows 512 outputs at a time; of the gradient of the weights 512 rows at a time.
        const int Rows = 6000, Outputs = 1031, Inputs = 3;
        using Tensor weight = RandomData.Matrix(ElementType.F32, Outputs, Inputs, seed: 1);
        float[] gradient = RandomData.Floats(Rows * Outputs, seed: 2), input = RandomData.Floats(Rows * Inputs, seed: 3);
        CheckProduct(
            InputGradient(2, gradient, Outputs, Rows, weight, new float[Rows * Inputs], accumulate: false), Rows, Inputs, Outputs, null,
            (i, k) => gradient[(i * Outputs) + k], (k, j) => weight.AsFloats()[(k * Inputs) + j]);
        CheckProduct(
            WeightGradient(2, gradient, Outputs, input, Rows, Outputs, Inputs, new float[Outputs * Inputs]), Outputs, Inputs, Rows, null,
            (i, k) => gradient[(k * Outputs) + i], (k, j) => input[(k * Inputs) + j]);
    }

    [Theory]
    [InlineData(1, 3, 5)]
    [InlineData(14, 200, 37)]
    public void Products_of_listed_rows_are_those_of_the_rows_by_themselves(int rows, int outputs, int inputs)
    {
        using var pool = new WorkerPool(2);
        using var product = new MatrixProduct(pool);
        int[] listed = [.. Enumerable.Range(0, outputs).Where(i => i % 3 == 1)];
        using Tensor weight = RandomData.Matrix(ElementType.BF16, outputs, inputs, seed: 1);
        using Tensor compact = Tensor.Allocate(ElementType.BF16, listed.Length, inputs);
        for (int i = 0; i < listed.Length; i++)
        {
            new Span<byte>(weight.RowPointer(listed[i]), (int)weight.RowBytes).CopyTo(new Span<byte>(compact.RowPointer(i), (int)weight.RowBytes));
        }

        float[] gradient = RandomData.Floats(rows * outputs, seed: 2), input = RandomData.Floats(rows * inputs, seed: 3);
        float[] expected = new float[rows * inputs], actual = new float[rows * inputs];
        float[] expectedWeights = new float[listed.Length * inputs], actualWeights = new float[outputs * inputs];
        fixed (float* dy = gradient, x = input, a = expected, b = actual, c = expectedWeights, d = actualWeights)
        fixed (int* list = listed)
        {
            product.InputGradient(dy, outputs, rows, compact, a, accumulate: false);
            product.InputGradient(dy, outputs, rows, weight, list, listed.Length, b, accumulate: false);
            product.WeightGradient(dy, outputs, x, rows, listed.Length, inputs, c);
            product.WeightGradient(dy, outputs, x, rows, list, listed.Length, inputs, d);
        }

        actual.ShouldBe(expected);
        for (int i = 0; i < outputs; i++)
        {
            int position = Array.IndexOf(listed, i);
            actualWeights.AsSpan(i * inputs, inputs).ToArray()
                .ShouldBe(position < 0 ? new float[inputs] : expectedWeights.AsSpan(position * inputs, inputs).ToArray());
        }
    }

    private static float[] InputGradient(int threads, float[] gradient, int stride, int rows, Tensor weight, float[] start, bool accumulate)
    {
        using var pool = new WorkerPool(threads);
        using var product = new MatrixProduct(pool);

        // One element off the alignment that the allocator gives, and one behind the result that must stay.
        float[] dy = [0, .. gradient], dx = [0, .. start, 77];
        fixed (float* source = dy, destination = dx)
        {
            product.InputGradient(source + 1, stride, rows, weight, destination + 1, accumulate);
        }

        dx[^1].ShouldBe(77);
        return dx[1..^1];
    }

    private static float[] WeightGradient(
        int threads, float[] gradient, int stride, float[] input, int rows, int outputs, int inputs, float[] start)
    {
        using var pool = new WorkerPool(threads);
        using var product = new MatrixProduct(pool);
        float[] dy = [0, .. gradient], x = [0, .. input], dw = [0, .. start, 77];
        fixed (float* source = dy, other = x, destination = dw)
        {
            product.WeightGradient(source + 1, stride, other + 1, rows, outputs, inputs, destination + 1);
        }

        dw[^1].ShouldBe(77);
        return dw[1..^1];
    }

    private static void CheckProduct(
        float[] actual, int rows, int columns, int inner, float[]? start, Func<int, int, float> a, Func<int, int, float> b)
    {
        double worst = 0;
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < columns; j++)
            {
                double expected = start?[(i * columns) + j] ?? 0, magnitude = Math.Abs(expected);
                for (int k = 0; k < inner; k++)
                {
                    double term = (double)a(i, k) * b(k, j);
                    expected += term;
                    magnitude += Math.Abs(term);
                }

                worst = Math.Max(worst, Math.Abs(actual[(i * columns) + j] - expected) / magnitude);
            }
        }

        // A chain of n rounded sums is off by at most n / 2 ulp of the sum of magnitudes; far less in practice.
        worst.ShouldBeAtMost(6e-8 * (4 + Math.Sqrt(inner)), $"{rows} x {columns} x {inner}");
    }
}
