using Lapidary.Numerics.Formats;
using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Threading;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Numerics.Tests.Kernels;

/// <summary>The steps of the optimizers.</summary>
public unsafe class UpdateTests
{
    private const int Steps = 4;

    public static TheoryData<int, int> Shapes => new() { { 1, 1 }, { 1, 63 }, { 1, 640 }, { 3, 64 }, { 5, 77 }, { 300, 41 }, { 700, 130 } };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void AdamW_agrees_with_its_reference(int rows, int columns)
    {
        var factors = new AdamWFactors(1e-2, 0.9, 0.999, 1e-8, 0.1, 0.5);
        int count = rows * columns;
        double[] value = Widen(RandomData.Floats(count, seed: 1)), mean = new double[count], square = new double[count];
        for (int step = 1; step <= Steps; step++)
        {
            float[] gradient = Gradient(count, step);
            for (int i = 0; i < count; i++)
            {
                AdamWUpdate.Reference(ref value[i], gradient[i], ref mean[i], ref square[i], in factors, step);
            }
        }

        float[][] results = [.. new[] { 1, 2, 5 }.Select(threads => RunAdamW(rows, columns, ElementType.F32, factors, threads))];
        results[1].ShouldBe(results[0]);
        results[2].ShouldBe(results[0]);
        ShouldBeClose(results[0], value, 3e-7);
    }

    [Fact]
    public void AdamW_takes_the_first_steps_that_its_definition_gives()
    {
        // By hand: with one gradient after the other the same, m / sqrt(v) with both corrections is its sign, so that with epsilon = 0
        // and no decay each step moves a weight by the learning rate.
        using var pool = new WorkerPool(1);
        using Tensor value = Tensor.Allocate(ElementType.F32, 2), mean = Tensor.Allocate(ElementType.F32, 2);
        using Tensor square = Tensor.Allocate(ElementType.F32, 2);
        value.AsFloats()[0] = 1;
        value.AsFloats()[1] = -1;
        float[] gradient = [0.25f, -4];
        var factors = new AdamWFactors(0.125, 0.9, 0.999, 1e-30, 0, 1);
        for (int step = 1; step <= 3; step++)
        {
            fixed (float* g = gradient)
            {
                AdamWUpdate.Step(pool, value, g, (float*)mean.Data, (float*)square.Data, in factors, step, 0);
            }

            value.AsFloats()[0].ShouldBe(1 - (0.125f * step), 1e-6f);
            value.AsFloats()[1].ShouldBe(-1 + (0.125f * step), 1e-6f);
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Sgd_agrees_with_its_reference(int rows, int columns)
    {
        var factors = new SgdFactors(1e-2, 0.9, 0.1, 0.5);
        int count = rows * columns;
        double[] value = Widen(RandomData.Floats(count, seed: 1)), velocity = new double[count];
        for (int step = 1; step <= Steps; step++)
        {
            float[] gradient = Gradient(count, step);
            for (int i = 0; i < count; i++)
            {
                SgdUpdate.Reference(ref value[i], gradient[i], ref velocity[i], in factors);
            }
        }

        float[][] results = [.. new[] { 1, 2, 5 }.Select(threads => RunSgd(rows, columns, factors, threads))];
        results[1].ShouldBe(results[0]);
        results[2].ShouldBe(results[0]);
        ShouldBeClose(results[0], value, 3e-7);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Adafactor_agrees_with_its_reference(int rows, int columns)
    {
        foreach (bool scale in new[] { false, true })
        {
            foreach (bool isVector in rows == 1 ? new[] { false, true } : [false])
            {
                var factors = new AdafactorFactors(1e-2, -0.8, 1e-30, 1e-3, 0.7, 0.1, scale, 0.5);
                int count = rows * columns;
                double[] value = Widen(RandomData.Floats(count, seed: 1));
                double[] rowMeans = new double[isVector ? 0 : rows], columnMeans = new double[columns];
                for (int step = 1; step <= Steps; step++)
                {
                    AdafactorUpdate.Reference(value, Widen(Gradient(count, step)), rowMeans, columnMeans, in factors, step);
                }

                float[][] results =
                    [.. new[] { 1, 2, 5 }.Select(threads => RunAdafactor(rows, columns, ElementType.F32, isVector, factors, threads))];
                results[1].ShouldBe(results[0]);
                results[2].ShouldBe(results[0]);
                ShouldBeClose(results[0], value, 1e-6);
            }
        }
    }

    [Fact]
    public void Adafactor_leaves_weights_that_never_had_a_gradient()
    {
        using var pool = new WorkerPool(1);
        using Tensor value = Tensor.Allocate(ElementType.F32, 3, 5);
        value.AsFloats().Fill(0.5f);
        var gradient = new float[15];
        gradient[7] = 2;
        float[] rowMeans = new float[3], columnMeans = new float[5];
        var factors = new AdafactorFactors(1e-2, -0.8, 1e-30, 1e-3, 1, 0, false, 1);
        fixed (float* g = gradient, r = rowMeans, c = columnMeans)
        {
            AdafactorUpdate.Step(pool, value, g, r, c, in factors, 1, 0);
        }

        for (int i = 0; i < 15; i++)
        {
            (value.AsFloats()[i] == 0.5f).ShouldBe(i != 7, $"element {i}");
        }
    }

    [Theory]
    [InlineData(1, 640)]
    [InlineData(300, 77)]
    public void BF16_weights_are_rounded_to_a_neighbour_and_the_same_way_each_time(int rows, int columns)
    {
        var factors = new AdamWFactors(1e-2, 0.9, 0.999, 1e-8, 0.1, 1);
        float[][] results = [.. new[] { 1, 2, 5 }.Select(threads => RunAdamW(rows, columns, ElementType.BF16, factors, threads, 1))];
        results[1].ShouldBe(results[0]);
        results[2].ShouldBe(results[0]);
        float[] start = [.. RandomData.Floats(rows * columns, seed: 1).Select(value => BF16Format.ToSingle(BF16Format.FromSingle(value)))];
        ShouldBeNeighbours(results[0], RunAdamW(rows, columns, ElementType.F32, factors, 1, 1, start));

        var slow = new AdafactorFactors(1e-2, -0.8, 1e-30, 1e-3, 1, 0.1, true, 1);
        results = [.. new[] { 1, 2, 5 }.Select(threads => RunAdafactor(rows, columns, ElementType.BF16, false, slow, threads, 1))];
        results[1].ShouldBe(results[0]);
        results[2].ShouldBe(results[0]);
        ShouldBeNeighbours(results[0], RunAdafactor(rows, columns, ElementType.F32, false, slow, 1, 1, start));
    }

    [Fact]
    public void Stochastic_rounding_keeps_the_mean_where_plain_rounding_stalls()
    {
        const int Count = 20_000;
        using var pool = new WorkerPool(2);
        using Tensor value = Tensor.Allocate(ElementType.BF16, Count), velocity = Tensor.Allocate(ElementType.F32, Count);
        new Span<ushort>(value.Data, Count).Fill(BF16Format.FromSingle(1));
        float[] gradient = Enumerable.Repeat(-1f, Count).ToArray();

        // A step of 1/2000 is an eighth of half the distance of bfloat16 numbers at 1, so plain rounding would not move.
        var factors = new SgdFactors(1.0 / 2000, 0, 0, 1);
        BF16Format.ToSingle(BF16Format.FromSingle(1 + (1f / 2000))).ShouldBe(1);
        for (int step = 1; step <= 20; step++)
        {
            fixed (float* g = gradient)
            {
                SgdUpdate.Step(pool, value, g, (float*)velocity.Data, in factors, step, RandomBits.KeyOf(1, "weight"));
            }
        }

        double mean = 0;
        for (int i = 0; i < Count; i++)
        {
            mean += BF16Format.ToSingle(((ushort*)value.Data)[i]) / Count;
        }

        // Each step adds a variance below (1/256)^2 to a weight: five standard deviations of the mean.
        mean.ShouldBe(1.01, 5 * Math.Sqrt(20.0 / Count) / 2 / 128);
    }

    [Fact]
    public void Rounding_does_not_make_numbers_of_what_is_none()
    {
        using var pool = new WorkerPool(1);
        using Tensor value = Tensor.Allocate(ElementType.BF16, 3), mean = Tensor.Allocate(ElementType.F32, 3);
        using Tensor square = Tensor.Allocate(ElementType.F32, 3);
        var weights = (ushort*)value.Data;
        (weights[0], weights[1], weights[2]) = (0x7f80, 0xff80, 0x7fc0);
        var gradient = new float[3];
        var factors = new AdamWFactors(1, 0.9, 0.999, 1e-8, 0, 1);
        fixed (float* g = gradient)
        {
            AdamWUpdate.Step(pool, value, g, (float*)mean.Data, (float*)square.Data, in factors, 1, 5);
        }

        (weights[0], weights[1]).ShouldBe(((ushort)0x7f80, (ushort)0xff80));
        float.IsNaN(BF16Format.ToSingle(weights[2])).ShouldBeTrue();
    }

    [Fact]
    public void Weights_that_cannot_be_written_are_refused()
    {
        using var pool = new WorkerPool(1);
        using Tensor value = Tensor.Allocate(ElementType.F16, 4);
        Should.Throw<ArgumentException>(() => SgdUpdate.Step(pool, value, null, null, default, 1, 0)).Message.ShouldContain("F16");
        using Tensor matrix = Tensor.Allocate(ElementType.F32, 2, 4);
        Should.Throw<ArgumentException>(() => AdafactorUpdate.Step(pool, matrix, null, null, null, default, 1, 0))
            .Message.ShouldContain("2 rows");
    }

    private static float[] RunAdamW(
        int rows, int columns, ElementType type, AdamWFactors factors, int threads, int steps = Steps, float[]? start = null)
    {
        using var pool = new WorkerPool(threads);
        using Tensor value = Weights(type, rows, columns, start);
        using Tensor mean = Tensor.Allocate(ElementType.F32, rows, columns), square = Tensor.Allocate(ElementType.F32, rows, columns);
        for (int step = 1; step <= steps; step++)
        {
            fixed (float* g = Shifted(Gradient(rows * columns, step)))
            {
                AdamWUpdate.Step(pool, value, g + 1, (float*)mean.Data, (float*)square.Data, in factors, step, 99);
            }
        }

        return Values(value);
    }

    private static float[] RunSgd(int rows, int columns, SgdFactors factors, int threads)
    {
        using var pool = new WorkerPool(threads);
        using Tensor value = Weights(ElementType.F32, rows, columns, null);
        using Tensor velocity = Tensor.Allocate(ElementType.F32, rows, columns);
        for (int step = 1; step <= Steps; step++)
        {
            fixed (float* g = Shifted(Gradient(rows * columns, step)))
            {
                SgdUpdate.Step(pool, value, g + 1, (float*)velocity.Data, in factors, step, 99);
            }
        }

        return Values(value);
    }

    private static float[] RunAdafactor(
        int rows,
        int columns,
        ElementType type,
        bool isVector,
        AdafactorFactors factors,
        int threads,
        int steps = Steps,
        float[]? start = null)
    {
        using var pool = new WorkerPool(threads);
        using Tensor value = Weights(type, rows, columns, start);
        using Tensor rowMeans = Tensor.Allocate(ElementType.F32, rows), columnMeans = Tensor.Allocate(ElementType.F32, columns);
        for (int step = 1; step <= steps; step++)
        {
            fixed (float* g = Shifted(Gradient(rows * columns, step)))
            {
                AdafactorUpdate.Step(
                    pool, value, g + 1, isVector ? null : (float*)rowMeans.Data, (float*)columnMeans.Data, in factors, step, 99);
            }
        }

        return Values(value);
    }

    private static Tensor Weights(ElementType type, int rows, int columns, float[]? start)
    {
        Tensor tensor = Tensor.Allocate(type, rows, columns);
        float[] values = start ?? RandomData.Floats(rows * columns, seed: 1);
        for (int i = 0; i < values.Length; i++)
        {
            if (type == ElementType.F32)
            {
                ((float*)tensor.Data)[i] = values[i];
            }
            else
            {
                ((ushort*)tensor.Data)[i] = BF16Format.FromSingle(values[i]);
            }
        }

        return tensor;
    }

    private static float[] Values(Tensor tensor)
    {
        var values = new float[tensor.Length];
        for (int row = 0; row < tensor.Rows; row++)
        {
            tensor.DecodeRow(row, values.AsSpan(row * (int)tensor.RowLength));
        }

        return values;
    }

    // Small ones, large ones and zeros.
    private static float[] Gradient(int count, int step) =>
        [.. RandomData.Floats(count, seed: 10 + step).Select((value, i) => (i % 7) switch { 3 => 0, 5 => value * 1e-4f, _ => value })];

    private static void ShouldBeNeighbours(float[] rounded, float[] exact)
    {
        for (int i = 0; i < exact.Length; i++)
        {
            ushort down = (ushort)(BitConverter.SingleToUInt32Bits(exact[i]) >> 16);
            new[] { BF16Format.ToSingle(down), BF16Format.ToSingle((ushort)(down + 1)) }.ShouldContain(rounded[i], $"element {i}");
        }
    }

    private static void ShouldBeClose(float[] actual, double[] expected, double tolerance)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            Math.Abs(actual[i] - expected[i]).ShouldBeAtMost(tolerance * (1 + Math.Abs(expected[i])), $"element {i}");
        }
    }

    private static double[] Widen(float[] values) => [.. values.Select(value => (double)value)];

    private static float[] Shifted(float[] values) => [0, .. values];
}
