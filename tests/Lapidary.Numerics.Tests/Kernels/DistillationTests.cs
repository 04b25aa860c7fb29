using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Threading;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Numerics.Tests.Kernels;

/// <summary>The divergences between teacher and student, and their gradients.</summary>
public unsafe class DistillationTests
{
    public static TheoryData<DivergenceKind, double, double> Losses
    {
        get
        {
            var losses = new TheoryData<DivergenceKind, double, double>();
            foreach (double temperature in new[] { 0.5, 1, 2 })
            {
                losses.Add(DivergenceKind.ForwardKl, 0, temperature);
                losses.Add(DivergenceKind.ReverseKl, 0, temperature);
                foreach (double beta in new[] { 0, 0.1, 0.5, 1 })
                {
                    losses.Add(DivergenceKind.JensenShannon, beta, temperature);
                }
            }

            return losses;
        }
    }

    [Theory]
    [MemberData(nameof(Losses))]
    public void Finite_differences_of_the_reference_are_its_gradient(DivergenceKind kind, double beta, double temperature)
    {
        const int Count = 13;
        const double Delta = 1e-5;
        foreach ((double divergenceWeight, double entropyWeight) in new[] { (1.0, 0.0), (0.0, 1.0), (0.7, 0.3) })
        {
            var factors = new DistillationFactors(kind, beta, temperature, divergenceWeight, entropyWeight, 1);
            double[] z = Widen(RandomData.Floats(Count, seed: 1, scale: 3)), t = Widen(RandomData.Floats(Count, seed: 2, scale: 3));
            var gradient = new double[Count];
            DistillationKernel.Reference(z, t, 4, in factors, gradient);
            for (int v = 0; v < Count; v++)
            {
                double[] up = [.. z], down = [.. z];
                up[v] += Delta;
                down[v] -= Delta;
                double numeric = (DistillationKernel.Reference(up, t, 4, in factors, []).Total
                    - DistillationKernel.Reference(down, t, 4, in factors, []).Total) / (2 * Delta);
                Math.Abs(gradient[v] - numeric).ShouldBeAtMost(1e-8, $"logit {v}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Losses))]
    public void The_kernel_agrees_with_its_reference_for_any_number_of_threads(DivergenceKind kind, double beta, double temperature)
    {
        var factors = new DistillationFactors(kind, beta, temperature, 0.7 * temperature * temperature, 0.3, 0.25);
        foreach ((int rows, int vocabulary, float scale) in new[] { (1, 1, 5f), (5, 37, 8f), (3, 1024, 30f), (9, 2611, 12f) })
        {
            float[] z = RandomData.Floats(rows * vocabulary, seed: 1, scale), t = RandomData.Floats(rows * vocabulary, seed: 2, scale);
            int[] targets = [.. Enumerable.Range(0, rows).Select(row => row == 2 ? -100 : (row * 7919) % vocabulary)];
            var expected = new double[rows * vocabulary];
            var expectedLosses = new DistillationRow[rows];
            for (int row = 0; row < rows; row++)
            {
                expectedLosses[row] = DistillationKernel.Reference(
                    Row(z, row, vocabulary), Row(t, row, vocabulary), targets[row], in factors, expected.AsSpan(row * vocabulary, vocabulary));
            }

            float[]? first = null;
            foreach (int threads in new[] { 1, 2, 5 })
            {
                (float[] gradient, DistillationRow[] losses) = Run(z, t, targets, vocabulary, factors, threads, gradient: true);
                for (int row = 0; row < rows; row++)
                {
                    ShouldBeClose(losses[row].Divergence, expectedLosses[row].Divergence);
                    ShouldBeClose(losses[row].CrossEntropy, expectedLosses[row].CrossEntropy);
                    ShouldBeClose(losses[row].Total, expectedLosses[row].Total);
                }

                for (int i = 0; i < gradient.Length; i++)
                {
                    Math.Abs(gradient[i] - expected[i]).ShouldBeAtMost(3e-6, $"{vocabulary}, element {i}");
                }

                gradient.ShouldBe(first ??= gradient);
                (float[] untouched, DistillationRow[] same) = Run(z, t, targets, vocabulary, factors, threads, gradient: false);
                untouched.ShouldBe(z);
                same.ShouldBe(losses);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Losses))]
    public void Equal_distributions_have_no_divergence_and_no_gradient(DivergenceKind kind, double beta, double temperature)
    {
        var factors = new DistillationFactors(kind, beta, temperature, 1, 0, 1);
        float[] z = RandomData.Floats(1000, seed: 1, scale: 10);
        // A constant that is added to all logits changes nothing, and for a power of two it is added exactly enough.
        float[] t = [.. z.Select(value => value + 64)];
        (float[] gradient, DistillationRow[] losses) = Run(z, t, [3], z.Length, factors, 1, gradient: true);
        Math.Abs(losses[0].Divergence).ShouldBeAtMost(1e-5);
        gradient.ShouldAllBe(value => Math.Abs(value) < 1e-5f);
    }

    [Theory]
    [MemberData(nameof(Losses))]
    public void Distributions_without_common_ground_give_finite_numbers(DivergenceKind kind, double beta, double temperature)
    {
        var factors = new DistillationFactors(kind, beta, temperature, 1, 0.5, 1);
        float[] z = [500, -500, 0, 1, 2], t = [-500, 500, 0, 1, 2];
        (float[] gradient, DistillationRow[] losses) = Run(z, t, [1], z.Length, factors, 1, gradient: true);
        var expected = new double[z.Length];
        DistillationRow row = DistillationKernel.Reference(Widen(z), Widen(t), 1, in factors, expected);
        ShouldBeClose(losses[0].Divergence, row.Divergence);
        for (int v = 0; v < z.Length; v++)
        {
            Math.Abs(gradient[v] - expected[v]).ShouldBeAtMost(2e-6 * (1 + row.Divergence), $"logit {v}");
        }

        if (kind == DivergenceKind.JensenShannon && beta is > 0 and < 1)
        {
            // The bound of the generalised divergence: the entropy of a coin with beta.
            losses[0].Divergence.ShouldBe(-(beta * Math.Log(beta)) - ((1 - beta) * Math.Log(1 - beta)), 1e-6);
        }

        losses[0].CrossEntropy.ShouldBe(1000, 1e-3);
        gradient.ShouldAllBe(value => float.IsFinite(value));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void A_logit_that_is_not_finite_shows_in_the_loss_of_its_row_and_nowhere_else(float bad)
    {
        var factors = new DistillationFactors(DivergenceKind.ForwardKl, 0, 1, 0.5, 0.5, 1);
        foreach (bool inTeacher in new[] { false, true })
        {
            for (int position = 0; position < 50; position += 7)
            {
                float[] z = RandomData.Floats(150, seed: 1), t = RandomData.Floats(150, seed: 2);
                (inTeacher ? t : z)[50 + position] = bad;
                (float[] gradient, DistillationRow[] losses) = Run(z, t, [1, 2, 3], 50, factors, 1, gradient: true);
                double.IsNaN(losses[1].Total).ShouldBeTrue();
                gradient[50..100].ShouldAllBe(value => float.IsNaN(value));
                (double.IsFinite(losses[0].Total) && double.IsFinite(losses[2].Total)).ShouldBeTrue();
                gradient[..50].ShouldAllBe(value => float.IsFinite(value));
            }
        }
    }

    [Fact]
    public void A_target_outside_the_vocabulary_is_refused()
    {
        using var pool = new WorkerPool(1);
        Should.Throw<ArgumentException>(() => DistillationKernel.Apply(
            pool, null, null, [50], 1, 50, default, new DistillationRow[1], false)).Message.ShouldContain("50");
    }

    private static (float[] Gradient, DistillationRow[] Losses) Run(
        float[] student, float[] teacher, int[] targets, int vocabulary, DistillationFactors factors, int threads, bool gradient)
    {
        using var pool = new WorkerPool(threads);
        float[] logits = [0, .. student];
        var losses = new DistillationRow[targets.Length];
        // One element off the alignment that the allocator gives.
        fixed (float* z = logits, t = teacher)
        {
            DistillationKernel.Apply(pool, z + 1, t, targets, targets.Length, vocabulary, in factors, losses, gradient);
        }

        return (logits[1..], losses);
    }

    private static void ShouldBeClose(double actual, double expected) =>
        Math.Abs(actual - expected).ShouldBeAtMost(3e-6 * (1 + Math.Abs(expected)), $"{actual} for {expected}");

    private static double[] Row(float[] values, int row, int width) => Widen(values.AsSpan(row * width, width).ToArray());

    private static double[] Widen(float[] values) => [.. values.Select(value => (double)value)];
}
