using Lapidary.Numerics;
using Lapidary.Workbench.Compression;
using Lapidary.Workbench.Training;
using Shouldly;
using Xunit;

namespace Lapidary.Workbench.Tests.Training;

/// <summary>Pruning while a network is trained: counts at each pruning, zeros that stay, momentum that is forgotten.</summary>
public sealed class GradualPruningTests
{
    private const int Steps = 12;

    [Theory]
    [InlineData(OptimizerKind.AdamW, WeightStorage.F32, null)]
    [InlineData(OptimizerKind.AdamW, WeightStorage.BF16, null)]
    [InlineData(OptimizerKind.AdamW, WeightStorage.F32, "2:4")]
    [InlineData(OptimizerKind.Sgd, WeightStorage.F32, null)]
    [InlineData(OptimizerKind.Adafactor, WeightStorage.F32, null)]
    public void Each_pruning_reaches_its_count_and_no_zero_comes_back(OptimizerKind kind, WeightStorage storage, string? pattern)
    {
        var pruning = new GradualPruningOptions
        {
            FinalSparsity = 0.6, InitialSparsity = 0.1, Start = 2, End = 10, Every = 3,
            Pattern = SparsityPattern.TryParse(pattern ?? string.Empty, out SparsityPattern parsed) ? parsed : null,
        };
        if (pattern is not null)
        {
            pruning = pruning with { FinalSparsity = 0 };
        }

        using var fixture = new TrainingFixture();
        FullParameters tuned = Attach(fixture, new TrainingOptions { Storage = storage, Pruning = pruning });
        tuned.Pruned.Count.ShouldBe(7 * fixture.Model.Config.LayerCount);
        using Optimizer optimizer = OptimizerOf(fixture, kind);
        var gradual = new GradualPruning(pruning, Steps, tuned.Pruned);
        double final = pruning.Pattern?.Sparsity ?? 0.6;
        Dictionary<string, float[]> last = tuned.Pruned.ToDictionary(parameter => parameter.Name, parameter => Read(parameter.Value));
        for (int step = 1; step <= Steps; step++)
        {
            Train(fixture, optimizer, step);
            bool applied = gradual.Apply(step, optimizer, fixture.Pool);
            applied.ShouldBe(step is 2 or 5 or 8 or 10);

            // The formula once more, and the count of the exact number.
            double progress = Math.Clamp((step - 2) / 8.0, 0, 1);
            double wanted = step < 2 ? 0 : final + ((0.1 - final) * Math.Pow(1 - progress, 3));
            foreach (Parameter parameter in tuned.Pruned)
            {
                float[] now = Read(parameter.Value);
                if (applied)
                {
                    now.Count(value => value == 0).ShouldBe((int)Math.Round(wanted * now.Length), $"{parameter.Name} at step {step}");
                }

                for (int i = 0; i < now.Length && step > 2; i++)
                {
                    if (last[parameter.Name][i] == 0 && now[i] != 0)
                    {
                        Assert.Fail($"{parameter.Name}, element {i}, is {now[i]} again at step {step}");
                    }
                }

                last[parameter.Name] = now;
            }
        }

        foreach ((string name, float[] values) in last.Where(_ => pattern is not null))
        {
            values.Chunk(4).ShouldAllBe(group => group.Count(value => value == 0) == 2, name);
        }
    }

    [Theory]
    [InlineData(PruningScope.Global, "mlp")]
    [InlineData(PruningScope.Layer, @"layers\.1\.mlp")]
    public void The_smallest_of_several_matrices_go_with_a_wider_scope(PruningScope scope, string pattern)
    {
        var pruning = new GradualPruningOptions { FinalSparsity = 0.5, Start = 1, End = 1, Scope = scope, Tensors = [pattern] };
        using var fixture = new TrainingFixture();
        FullParameters tuned = Attach(fixture, new TrainingOptions { Pruning = pruning });
        using Optimizer optimizer = OptimizerOf(fixture, OptimizerKind.AdamW);
        tuned.Pruned.Select(parameter => parameter.Name).ShouldAllBe(name => name.Contains(".mlp."));
        float[] before = [.. tuned.Pruned.SelectMany(parameter => Read(parameter.Value))];
        new GradualPruning(pruning, 1, tuned.Pruned).Apply(1, optimizer, fixture.Pool).ShouldBeTrue();

        float[] after = [.. tuned.Pruned.SelectMany(parameter => Read(parameter.Value))];
        int count = before.Length / 2;
        float threshold = before.Select(MathF.Abs).Order().ElementAt(count - 1);
        after.Count(value => value == 0).ShouldBe(count);
        for (int i = 0; i < before.Length; i++)
        {
            if (MathF.Abs(before[i]) != threshold)
            {
                after[i].ShouldBe(MathF.Abs(before[i]) < threshold ? 0 : before[i]);
            }
        }
    }

    [Fact]
    public void Momentum_of_what_was_pruned_is_forgotten_and_that_of_the_rest_is_not()
    {
        var pruning = new GradualPruningOptions { FinalSparsity = 0.5, Start = 2, End = 2 };
        using var fixture = new TrainingFixture();
        FullParameters tuned = Attach(fixture, new TrainingOptions { Pruning = pruning });
        using Optimizer optimizer = OptimizerOf(fixture, OptimizerKind.AdamW);
        for (int step = 1; step <= 2; step++)
        {
            Train(fixture, optimizer, step);
        }

        new GradualPruning(pruning, 2, tuned.Pruned).Apply(2, optimizer, fixture.Pool);
        foreach (Parameter parameter in tuned.Pruned)
        {
            foreach (string kept in (string[])["exp_avg", "exp_avg_sq"])
            {
                float[] state = Read(optimizer.State.Single(entry => entry.Name == $"{parameter.Name}.{kept}").Tensor);
                float[] value = Read(parameter.Value);
                Enumerable.Range(0, value.Length).Where(i => value[i] == 0).ShouldAllBe(i => state[i] == 0);
                Enumerable.Range(0, value.Length).Count(i => value[i] != 0 && state[i] != 0).ShouldBeGreaterThan(value.Length / 3);
            }
        }

        float[] norm = Read(optimizer.State.First(entry => entry.Name.Contains("norm", StringComparison.Ordinal)).Tensor);
        norm.ShouldContain(value => value != 0);
    }

    [Fact]
    public void A_selection_of_nothing_and_a_pattern_that_does_not_divide_are_refused()
    {
        using var fixture = new TrainingFixture();
        var nothing = new GradualPruningOptions { FinalSparsity = 0.5, Tensors = ["no_such_matrix"] };
        Should.Throw<ArgumentException>(() => Attach(fixture, new TrainingOptions { Pruning = nothing }))
            .Message.ShouldBe("No matrix that is trained is among those to be pruned, no_such_matrix.");

        using var other = new TrainingFixture();
        var seven = new GradualPruningOptions { Pattern = new SparsityPattern(3, 7) };
        FullParameters tuned = Attach(other, new TrainingOptions { Pruning = seven });
        Should.Throw<ArgumentException>(() => new GradualPruning(seven, 10, tuned.Pruned))
            .Message.ShouldContain("which is not a multiple of the 7 of 3:7");
        var rows = new GradualPruningOptions { FinalSparsity = 0.5, Scope = PruningScope.Row };
        Should.Throw<ArgumentException>(() => new GradualPruning(rows, 10, tuned.Pruned)).Message.ShouldContain("of a matrix, of a layer or of all");
    }

    private static FullParameters Attach(TrainingFixture fixture, TrainingOptions options)
    {
        var tuned = new FullParameters(options, fixture.Pool);
        tuned.AttachTo(fixture.Model);
        fixture.Model.Refresh();
        return tuned;
    }

    private static Optimizer OptimizerOf(TrainingFixture fixture, OptimizerKind kind)
    {
        Optimizer optimizer = Optimizer.Create(new OptimizerOptions { Kind = kind, WeightDecay = 0.1 });
        foreach (Parameter parameter in fixture.Model.Parameters)
        {
            optimizer.Add(parameter.Name, parameter.Value, parameter.Gradient, parameter.Decays);
        }

        return optimizer;
    }

    private static void Train(TrainingFixture fixture, Optimizer optimizer, int step)
    {
        fixture.ClearGradients();
        fixture.CrossEntropy(0, TrainingFixture.Batch(TrainingFixture.Rows()));
        foreach (Parameter parameter in fixture.Model.Parameters)
        {
            parameter.MaskGradient(fixture.Pool);
        }

        optimizer.Step(fixture.Pool, 3e-3, 1, step);
        fixture.Model.Refresh();
    }

    private static float[] Read(Tensor tensor)
    {
        var values = new float[tensor.Length];
        for (int row = 0; row < tensor.Rows; row++)
        {
            tensor.DecodeRow(row, values.AsSpan(row * (int)tensor.RowLength, (int)tensor.RowLength));
        }

        return values;
    }
}
