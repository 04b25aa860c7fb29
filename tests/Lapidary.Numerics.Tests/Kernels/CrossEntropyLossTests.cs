using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Threading;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Numerics.Tests.Kernels;

public unsafe class CrossEntropyLossTests
{
    public static TheoryData<int, int, float> Shapes => new()
    {
        { 1, 1, 3 }, { 3, 2, 3 }, { 2, 7, 3 }, { 5, 33, 20 }, { 9, 512, 1 }, { 17, 1033, 8 }, { 4, 4096, 30 }, { 2, 262144, 4 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Losses_and_gradients_agree_with_double_precision(int rows, int vocabulary, float scale)
    {
        const float Factor = 1f / 37;
        float[] logits = RandomData.Floats(rows * vocabulary, seed: rows, scale);
        int[] targets = [.. Enumerable.Range(0, rows).Select(row => (row * 7919) % vocabulary)];
        var expected = new double[rows * vocabulary];
        var losses = new double[rows];
        for (int i = 0; i < expected.Length; i++)
        {
            expected[i] = logits[i];
        }

        for (int row = 0; row < rows; row++)
        {
            losses[row] = CrossEntropyLoss.Reference(expected.AsSpan(row * vocabulary, vocabulary), targets[row], Factor);
        }

        float[]? first = null;
        foreach (int threads in new[] { 1, 2, 5 })
        {
            (float[] gradient, CrossEntropyLoss loss) = Apply(threads, logits, targets, vocabulary, Factor, gradient: true);
            first ??= gradient;
            gradient.ShouldBe(first);
            for (int row = 0; row < rows; row++)
            {
                Math.Abs(loss.Losses[row] - losses[row]).ShouldBeAtMost(1e-6 * losses[row], $"row {row}");
                ReadOnlySpan<float> x = logits.AsSpan(row * vocabulary, vocabulary);
                loss.Correct[row].ShouldBe(x.IndexOf(Max(x)) == targets[row]);
                for (int i = row * vocabulary; i < (row + 1) * vocabulary; i++)
                {
                    Math.Abs(gradient[i] - expected[i]).ShouldBeAtMost((2e-6 * Math.Abs(expected[i])) + (1e-20 * Factor), $"[{row}, {i}]");
                }
            }

            Apply(threads, logits, targets, vocabulary, Factor, gradient: false).Loss.Losses.ToArray().ShouldBe(loss.Losses.ToArray());
        }
    }

    [Fact]
    public void The_reference_is_the_derivative_of_its_loss()
    {
        double[] logits = [.. RandomData.Floats(9, seed: 4, scale: 3).Select(x => (double)x)];
        double[] gradient = [.. logits];
        CrossEntropyLoss.Reference(gradient, 5, 0.25);
        for (int i = 0; i < logits.Length; i++)
        {
            const double Step = 1e-5;
            double[] above = [.. logits], below = [.. logits];
            above[i] += Step;
            below[i] -= Step;
            double difference = CrossEntropyLoss.Reference(above, 5, 1) - CrossEntropyLoss.Reference(below, 5, 1);
            Math.Abs((0.25 * difference / (2 * Step)) - gradient[i]).ShouldBeAtMost(1e-9);
        }
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(5)]
    [InlineData(12)]
    [InlineData(17)]
    [InlineData(30)]
    public void A_target_that_is_almost_certain_keeps_its_loss_and_gradient(double lead)
    {
        // Eight tokens at 0, one of which leads: the loss is log(1 + 7 e^-lead), its gradient at the target the sum of the others.
        var logits = new float[8];
        logits[3] = (float)lead;
        double ratio = 7 * Math.Exp(-lead);
        (float[] gradient, CrossEntropyLoss loss) = Apply(1, logits, [3], 8, 1, gradient: true);
        double expected = ratio > 1e-5 ? Math.Log(1 + ratio) : ratio - (ratio * ratio / 2);
        Math.Abs(loss.Losses[0] - expected).ShouldBeAtMost(1e-6 * expected);
        Math.Abs(gradient[3] + (ratio / (1 + ratio))).ShouldBeAtMost(1e-6 * ratio);
        Math.Abs(gradient[0] + (gradient[3] / 7)).ShouldBeAtMost(1e-6 * gradient[0]);
        loss.Correct[0].ShouldBeTrue();
    }

    [Fact]
    public void Logits_far_apart_give_a_large_loss_and_no_denormal_numbers()
    {
        float[] logits = [1e30f, 0, -1e30f, 1e30f];
        (float[] gradient, CrossEntropyLoss loss) = Apply(1, logits, [2], 4, 1e-3f, gradient: true);
        loss.Losses[0].ShouldBe(2e30, 1e24);
        gradient.ShouldBe([0.5e-3f, 0, -1e-3f, 0.5e-3f]);
        (gradient, _) = Apply(1, RandomData.Floats(4000, seed: 1, scale: 200), [0], 4000, 1e-6f, gradient: true);
        gradient.ShouldAllBe(value => value == 0 || float.IsNormal(value));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void A_row_that_is_not_finite_has_no_loss_and_leaves_the_others_alone(float bad)
    {
        const int Vocabulary = 37;
        foreach (int position in new[] { 0, 8, 31, 36 })
        {
            float[] logits = RandomData.Floats(3 * Vocabulary, seed: 1);
            (float[] expected, CrossEntropyLoss right) = Apply(1, logits, [1, 2, 3], Vocabulary, 1, gradient: true);
            logits[Vocabulary + position] = bad;
            (float[] gradient, CrossEntropyLoss loss) = Apply(2, logits, [1, 2, 3], Vocabulary, 1, gradient: true);
            loss.Losses[1].ShouldBe(double.NaN);
            loss.Correct[1].ShouldBeFalse();
            gradient[Vocabulary..(2 * Vocabulary)].ShouldAllBe(value => float.IsNaN(value));
            loss.Losses[0].ShouldBe(right.Losses[0]);
            loss.Losses[2].ShouldBe(right.Losses[2]);
            gradient[..Vocabulary].ShouldBe(expected[..Vocabulary]);
            gradient[(2 * Vocabulary)..].ShouldBe(expected[(2 * Vocabulary)..]);
        }
    }

    [Fact]
    public void Rows_without_a_target_count_for_nothing()
    {
        float[] logits = RandomData.Floats(20, seed: 1);
        logits[0] = float.NaN;
        (float[] gradient, CrossEntropyLoss loss) = Apply(1, logits, [-100, 3], 10, 1, gradient: true);
        loss.Losses[0].ShouldBe(0);
        loss.Correct[0].ShouldBeFalse();
        gradient[..10].ShouldAllBe(value => value == 0);
        loss.Losses[1].ShouldBeGreaterThan(0);
    }

    [Fact]
    public void Targets_outside_the_vocabulary_and_rows_outside_the_batch_are_refused()
    {
        Should.Throw<ArgumentOutOfRangeException>(() => Apply(1, new float[10], [10], 10, 1, gradient: true));
        using var pool = new WorkerPool(1);
        var loss = new CrossEntropyLoss();
        loss.Begin([1, 2], 1);
        Should.Throw<ArgumentOutOfRangeException>(() => loss.Apply(pool, null, 1, 2, 10, gradient: true));
    }

    private static (float[] Gradient, CrossEntropyLoss Loss) Apply(
        int threads, float[] logits, int[] targets, int vocabulary, float factor, bool gradient)
    {
        using var pool = new WorkerPool(threads);
        var loss = new CrossEntropyLoss();
        loss.Begin(targets, factor);

        // One element off the alignment that the allocator gives.
        float[] values = [0, .. logits, 77];
        fixed (float* x = values)
        {
            loss.Apply(pool, x + 1, 0, targets.Length, vocabulary, gradient);
        }

        values[^1].ShouldBe(77);
        return (values[1..^1], loss);
    }

    private static float Max(ReadOnlySpan<float> values)
    {
        float largest = values[0];
        foreach (float value in values)
        {
            largest = MathF.Max(largest, value);
        }

        return largest;
    }
}
