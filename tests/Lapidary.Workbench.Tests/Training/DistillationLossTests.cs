using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Threading;
using Lapidary.Workbench.Training;
using Shouldly;
using Xunit;

namespace Lapidary.Workbench.Tests.Training;

/// <summary>The loss of a student that learns from a teacher that runs, or from what was stored of one.</summary>
public sealed unsafe class DistillationLossTests : IDisposable
{
    private const int Rows = 7;
    private const int Vocabulary = 50;

    private static readonly float[] Student = Numbers(1), Teacher = Numbers(2);
    private static readonly int[] Targets = [3, 49, -100, 0, 17, 17, -100];

    private readonly WorkerPool pool = new(2);

    /// <inheritdoc/>
    public void Dispose() => pool.Dispose();

    [Theory]
    // Computed with numpy in double precision from the definitions.
    [InlineData(DivergenceKind.ForwardKl, 0, 1, 1.2914811736638554)]
    [InlineData(DivergenceKind.ReverseKl, 0, 1, 1.8187240594432166)]
    [InlineData(DivergenceKind.JensenShannon, 0.1, 1, 0.112188490106431)]
    [InlineData(DivergenceKind.JensenShannon, 0.5, 1, 0.30844740072430266)]
    [InlineData(DivergenceKind.JensenShannon, 0, 1, 1.2914811736638554)]
    [InlineData(DivergenceKind.JensenShannon, 1, 1, 1.8187240594432166)]
    [InlineData(DivergenceKind.ForwardKl, 0, 2, 0.41664254334240536)]
    [InlineData(DivergenceKind.ReverseKl, 0, 2, 0.5018347608780429)]
    [InlineData(DivergenceKind.JensenShannon, 0.1, 2, 0.03744272319196441)]
    [InlineData(DivergenceKind.JensenShannon, 0.5, 2, 0.10729569820367256)]
    public void A_row_has_the_loss_of_its_definition(DivergenceKind kind, double beta, double temperature, double divergence)
    {
        var options = new DistillationOptions { Divergence = kind, Beta = beta, Temperature = temperature, Alpha = 0.25 };
        float[] student = [1, -0.5f, 2, 0.25f], teacher = [0.5f, 1.5f, -1, 2];
        using var loss = new DistillationLoss(options, new LiveTeacherLogits(
            (_, _, _, _, logits) => teacher.CopyTo(new Span<float>(logits, teacher.Length))));
        loss.Begin([3], 1);
        fixed (float* z = student)
        {
            loss.Apply(pool, z, 0, 1, student.Length, gradient: false);
        }

        loss.Losses[0].Divergence.ShouldBe(divergence, 2e-7);
        loss.Losses[0].CrossEntropy.ShouldBe(2.234731134701968, 4e-7);
        double expected = (0.75 * temperature * temperature * divergence) + (0.25 * 2.234731134701968);
        loss.Losses[0].Total.ShouldBe(expected, 1e-6);
    }

    [Fact]
    public void The_buffer_for_the_teacher_changes_nothing()
    {
        var options = new DistillationOptions { Divergence = DivergenceKind.JensenShannon, Temperature = 2, Alpha = 0.5 };
        (float[] Gradient, DistillationRow[] Losses) whole = Run(options, new LiveTeacherLogits(Fill), 1 << 20);
        foreach (long bytes in new long[] { 0, 2 * Vocabulary * sizeof(float), 3 * Vocabulary * sizeof(float) })
        {
            (float[] gradient, DistillationRow[] losses) = Run(options, new LiveTeacherLogits(Fill), bytes);
            gradient.ShouldBe(whole.Gradient);
            losses.ShouldBe(whole.Losses);
        }
    }

    [Fact]
    public void Rows_without_target_count_nothing_and_tiles_of_rows_may_be_any()
    {
        var options = new DistillationOptions { Temperature = 2, Alpha = 0.25 };
        using var loss = new DistillationLoss(options, new LiveTeacherLogits(Fill));
        loss.Begin(Targets, 0.2f);
        float[] logits = [.. Student];
        fixed (float* z = logits)
        {
            loss.Apply(pool, z, 0, 3, Vocabulary, gradient: true);
            loss.Apply(pool, z + (3 * Vocabulary), 3, Rows - 3, Vocabulary, gradient: true);
        }

        var factors = new DistillationFactors(DivergenceKind.ForwardKl, 0.5, 2, 0.75 * 4, 0.25, 0.2);
        for (int row = 0; row < Rows; row++)
        {
            var expected = new double[Vocabulary];
            DistillationRow reference = DistillationKernel.Reference(
                Row(Student, row), Row(Teacher, row), Targets[row], in factors, expected);
            loss.Losses[row].Total.ShouldBe(reference.Total, 1e-5);
            for (int v = 0; v < Vocabulary; v++)
            {
                ((double)logits[(row * Vocabulary) + v]).ShouldBe(expected[v], 1e-6);
            }
        }

        loss.Losses[2].ShouldBe(default);
    }

    [Fact]
    public void The_temperature_squared_is_a_switch()
    {
        var options = new DistillationOptions { Temperature = 2 };
        DistillationRow[] with = Run(options, new LiveTeacherLogits(Fill), 1 << 20).Losses;
        DistillationRow[] without = Run(options with { ScaleByTemperatureSquared = false }, new LiveTeacherLogits(Fill), 1 << 20).Losses;
        with[0].Total.ShouldBe(4 * without[0].Total, 1e-12);
        with[0].Divergence.ShouldBe(without[0].Divergence);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(1)]
    [InlineData(2)]
    public void All_log_probabilities_of_a_teacher_are_as_good_as_its_logits(double temperature)
    {
        var options = new DistillationOptions { Temperature = temperature, Divergence = DivergenceKind.ReverseKl };
        (float[] Gradient, DistillationRow[] Losses) live = Run(options, new LiveTeacherLogits(Fill), 1 << 20);
        var stored = new StoredTeacherLogits();
        (int[] ids, float[] values) = Top(Vocabulary);
        stored.Begin(ids, values, Vocabulary);
        (float[] gradient, DistillationRow[] losses) = Run(options, stored, 1 << 20);
        for (int row = 0; row < Rows; row++)
        {
            losses[row].Divergence.ShouldBe(live.Losses[row].Divergence, 1e-5);
        }

        gradient.Zip(live.Gradient).ShouldAllBe(pair => Math.Abs(pair.First - pair.Second) < 1e-5f);
    }

    [Fact]
    public void The_mass_of_the_tail_is_spread_evenly()
    {
        const int K = 5;
        var stored = new StoredTeacherLogits();
        (int[] ids, float[] values) = Top(K);
        stored.Begin(ids, values, K);
        var logits = new float[2 * Vocabulary];
        fixed (float* destination = logits)
        {
            stored.Fill(pool, 3, 2, Vocabulary, destination);
        }

        for (int row = 0; row < 2; row++)
        {
            float[] filled = logits[(row * Vocabulary)..((row + 1) * Vocabulary)];
            filled.Sum(value => Math.Exp(value)).ShouldBe(1, 1e-6);
            int[] top = ids[((3 + row) * K)..((4 + row) * K)];
            for (int i = 0; i < K; i++)
            {
                filled[top[i]].ShouldBe(values[((3 + row) * K) + i]);
            }

            filled.Where((_, token) => !top.Contains(token)).Distinct().Count().ShouldBe(1);
        }
    }

    [Fact]
    public void A_tail_is_never_empty_unless_there_are_no_other_tokens()
    {
        var stored = new StoredTeacherLogits();
        stored.Begin([1], [0f], 1);
        var logits = new float[3];
        fixed (float* destination = logits)
        {
            stored.Fill(pool, 0, 1, 3, destination);
            logits.ShouldBe([(float)Math.Log(Math.Pow(2, -25)), 0, (float)Math.Log(Math.Pow(2, -25))]);
            stored.Begin([0], [0f], 1);
            stored.Fill(pool, 0, 1, 1, destination);
        }

        logits[0].ShouldBe(0);
    }

    [Fact]
    public void Stored_rows_that_make_no_sense_are_refused()
    {
        var stored = new StoredTeacherLogits();
        Should.Throw<ArgumentException>(() => stored.Begin([1, 2, 3], [-1, -1, -1], 2)).Message.ShouldContain("rows of 2");
        Should.Throw<ArgumentException>(() => stored.Begin([1, 2, 4, 4], [-1, -1, -1, -1], 2)).Message.ShouldContain("Row 1");
        Should.Throw<ArgumentException>(() => stored.Begin([-1], [-1], 1)).Message.ShouldContain("-1");
        Should.Throw<ArgumentException>(() => stored.Begin([1], [0.1f], 1)).Message.ShouldContain("0.1");
        Should.Throw<ArgumentException>(() => stored.Begin([1], [float.NaN], 1));
        Should.Throw<ArgumentException>(() => stored.Begin([1, 2], [-0.1f, -0.1f], 2)).Message.ShouldContain("more than 1");
        stored.Begin([60], [-1], 1);
        Should.Throw<ArgumentException>(() => FillInto(stored, 0)).Message.ShouldContain("token 60");
        Should.Throw<ArgumentException>(() => FillInto(stored, 1)).Message.ShouldContain("1 were given");

        void FillInto(StoredTeacherLogits teacher, int row)
        {
            fixed (float* destination = new float[Vocabulary])
            {
                teacher.Fill(pool, row, 1, Vocabulary, destination);
            }
        }
    }

    [Fact]
    public void Settings_and_rows_that_make_no_sense_are_refused()
    {
        DistillationOptions[] wrong =
        [
            new() { Divergence = (DivergenceKind)7 }, new() { Beta = 1.1 }, new() { Temperature = 0 }, new() { Alpha = double.NaN },
        ];
        foreach (DistillationOptions options in wrong)
        {
            Should.Throw<ArgumentException>(() => new DistillationLoss(options, new LiveTeacherLogits(Fill)), options.ToString());
        }

        using var loss = new DistillationLoss(new DistillationOptions(), new LiveTeacherLogits(Fill));
        loss.Begin(Targets, 1);
        Should.Throw<ArgumentException>(() => loss.Apply(pool, null, 6, 2, Vocabulary, false)).Message.ShouldContain("batch of 7");
    }

    private (float[] Gradient, DistillationRow[] Losses) Run(DistillationOptions options, ITeacherLogits teacher, long bufferBytes)
    {
        using var loss = new DistillationLoss(options, teacher, bufferBytes);
        loss.Begin(Targets, 0.2f);
        float[] logits = [.. Student];
        fixed (float* z = logits)
        {
            loss.Apply(pool, z, 0, Rows, Vocabulary, gradient: true);
        }

        return (logits, loss.Losses.ToArray());
    }

    private static void Fill(WorkerPool pool, int firstRow, int rows, int vocabulary, float* logits) =>
        Teacher.AsSpan(firstRow * vocabulary, rows * vocabulary).CopyTo(new Span<float>(logits, rows * vocabulary));

    private static (int[] Ids, float[] Values) Top(int k)
    {
        var ids = new List<int>();
        var values = new List<float>();
        for (int row = 0; row < Rows; row++)
        {
            double[] logits = Row(Teacher, row);
            double sum = Math.Log(logits.Sum(Math.Exp));
            foreach (int token in Enumerable.Range(0, Vocabulary).OrderByDescending(token => logits[token]).Take(k))
            {
                ids.Add(token);
                values.Add((float)(logits[token] - sum));
            }
        }

        return ([.. ids], [.. values]);
    }

    private static double[] Row(float[] values, int row) =>
        [.. values.Skip(row * Vocabulary).Take(Vocabulary).Select(value => (double)value)];

    private static float[] Numbers(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, Rows * Vocabulary).Select(_ => (random.NextSingle() * 12) - 6)];
    }
}
