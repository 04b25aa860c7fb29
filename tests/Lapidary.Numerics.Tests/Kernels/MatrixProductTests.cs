using Lapidary.Numerics.Formats;
using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Tests.Formats;
using Lapidary.Numerics.Threading;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Numerics.Tests.Kernels;

public unsafe class MatrixProductTests
{
    public static TheoryData<int, int, int> Shapes => new()
    {
        { 1, 1, 1 }, { 1, 3, 5 }, { 2, 16, 8 }, { 5, 17, 33 }, { 6, 32, 256 }, { 7, 31, 257 }, { 11, 64, 640 },
        { 12, 48, 300 }, { 13, 33, 512 }, { 97, 40, 64 }, { 200, 19, 31 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Multiply_agrees_with_double_precision(int rows, int columns, int inner)
    {
        using var pool = new WorkerPool(2);
        using var product = new MatrixProduct(pool);
        foreach (ElementType type in new[] { ElementType.F32, ElementType.F16, ElementType.BF16 })
        {
            using Tensor weights = RandomData.Matrix(type, columns, inner, seed: rows + columns);
            float[] input = RandomData.Floats(rows * inner, seed: inner);
            float[] output = Multiply(product, input, rows, inner, weights);
            var row = new float[inner];
            for (int j = 0; j < columns; j++)
            {
                weights.DecodeRow(j, row);
                for (int i = 0; i < rows; i++)
                {
                    double expected = 0, magnitude = 0;
                    for (int k = 0; k < inner; k++)
                    {
                        expected += (double)input[(i * inner) + k] * row[k];
                        magnitude += Math.Abs((double)input[(i * inner) + k] * row[k]);
                    }

                    // A chain of n rounded sums is off by at most n / 2 ulp of the sum of magnitudes; far less in practice.
                    Math.Abs(output[(i * columns) + j] - expected)
                        .ShouldBeAtMost(6e-8 * (4 + Math.Sqrt(inner)) * magnitude, $"{type} [{i}, {j}]");
                }
            }
        }
    }

    [Fact]
    public void A_row_of_the_output_has_the_same_bits_alone_in_any_cut_and_with_any_number_of_threads()
    {
        const int Rows = 131, Columns = 75, Inner = 640;
        using Tensor weights = RandomData.Matrix(ElementType.BF16, Columns, Inner, seed: 1);
        float[] input = RandomData.Floats(Rows * Inner, seed: 2);
        float[]? expected = null;
        foreach (int threads in new[] { 1, 2, 5 })
        {
            using var pool = new WorkerPool(threads);
            using var product = new MatrixProduct(pool);
            float[] whole = Multiply(product, input, Rows, Inner, weights);
            expected ??= whole;
            whole.ShouldBe(expected);
            foreach (int chunk in new[] { 1, 7, 64 })
            {
                var cut = new List<float>();
                for (int start = 0; start < Rows; start += chunk)
                {
                    int count = Math.Min(chunk, Rows - start);
                    cut.AddRange(Multiply(product, input[(start * Inner)..((start + count) * Inner)], count, Inner, weights));
                }

                cut.ToArray().ShouldBe(expected, $"{threads} threads, chunks of {chunk}");
            }
        }
    }

    [Fact]
    public void Three_targets_in_one_region_get_what_each_gets_alone()
    {
        const int Rows = 9, Inner = 96;
        using var pool = new WorkerPool(3);
        using var product = new MatrixProduct(pool);
        using Tensor a = RandomData.Matrix(ElementType.F32, 40, Inner, seed: 1);
        using Tensor b = RandomData.Matrix(ElementType.F16, 7, Inner, seed: 2);
        using Tensor c = RandomData.Matrix(ElementType.BF16, 33, Inner, seed: 3);
        float[] input = RandomData.Floats(Rows * Inner, seed: 4);
        float[] x = new float[Rows * 40], y = new float[Rows * 7], z = new float[Rows * 33];
        fixed (float* source = input, first = x, second = y, third = z)
        {
            product.Multiply(
                source, Rows, Inner, new ProductTarget(a, first, 40), new ProductTarget(b, second, 7), new ProductTarget(c, third, 33));
        }

        x.ShouldBe(Multiply(product, input, Rows, Inner, a));
        y.ShouldBe(Multiply(product, input, Rows, Inner, b));
        z.ShouldBe(Multiply(product, input, Rows, Inner, c));
    }

    [Theory]
    [InlineData(ElementType.F32)]
    [InlineData(ElementType.F16)]
    [InlineData(ElementType.BF16)]
    public void The_fast_vector_product_agrees_with_the_exact_one(ElementType type)
    {
        foreach ((int columns, int inner) in new[] { (1, 1), (3, 17), (50, 64), (129, 640), (4097, 33) })
        {
            using Tensor weights = RandomData.Matrix(type, columns, inner, seed: columns);
            float[] input = RandomData.Floats(inner, seed: inner);
            float[]? first = null;
            foreach (int threads in new[] { 1, 2, 5 })
            {
                using var pool = new WorkerPool(threads);
                using var product = new MatrixProduct(pool);
                float[] exact = Multiply(product, input, 1, inner, weights);
                var fast = new float[columns];
                fixed (float* source = input, destination = fast)
                {
                    product.MultiplyVector(source, inner, new ProductTarget(weights, destination, columns));
                }

                for (int j = 0; j < columns; j++)
                {
                    fast[j].ShouldBe(exact[j], 1e-6f * (1 + MathF.Sqrt(inner)));
                }

                first ??= fast;
                fast.ShouldBe(first);
            }
        }
    }

    [Theory]
    [InlineData(ElementType.BF16)]
    [InlineData(ElementType.Q8_0)]
    [InlineData(ElementType.Q4_0)]
    [InlineData(ElementType.Q6_K)]
    public void Rows_of_the_fast_product_have_the_bits_that_they_have_alone(ElementType type)
    {
        const int Rows = 7, Inner = 512;
        foreach (int columns in new[] { 1, 3, 640, 2501 })
        {
            using Tensor weights = Tensor.Allocate(type, columns, Inner);
            byte[] bytes = [.. Enumerable.Range(0, columns).SelectMany(row => FormatSamples.RandomRow(WeightFormat.Of(type), Inner, row))];
            bytes.CopyTo(new Span<byte>(weights.Data, bytes.Length));
            float[] input = RandomData.Floats(Rows * Inner, seed: 5);
            using var pool = new WorkerPool(3);
            using var product = new MatrixProduct(pool);
            var together = new float[Rows * columns];
            var alone = new float[Rows * columns];
            fixed (float* source = input, all = together, one = alone)
            {
                product.MultiplyVectors(source, Rows, Inner, new ProductTarget(weights, all, columns));
                for (int row = 0; row < Rows; row++)
                {
                    product.MultiplyVector(source + (row * Inner), Inner, new ProductTarget(weights, one + (row * columns), columns));
                }
            }

            together.ShouldBe(alone);
        }
    }

    private static float[] Multiply(MatrixProduct product, float[] input, int rows, int inner, Tensor weights)
    {
        var output = new float[rows * weights.Rows];
        fixed (float* source = input, destination = output)
        {
            product.Multiply(source, rows, inner, new ProductTarget(weights, destination, (nint)weights.Rows));
        }

        return output;
    }
}
