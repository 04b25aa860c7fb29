using System.Text.Json.Nodes;
using Lapidary.Numerics;
using Lapidary.Workbench.Training;
using Shouldly;
using Xunit;

namespace Lapidary.Workbench.Tests.Training;

public sealed class LossGuardTests
{
    private static readonly (string File, int Line)[] Batch = [.. Enumerable.Range(1, 6).Select(line => ("data.jsonl", line))];

    [Theory]
    [InlineData(double.NaN, 1, "the loss is not a number")]
    [InlineData(double.PositiveInfinity, 1, "the loss is infinite")]
    [InlineData(1, double.NaN, "the norm of the gradient is not a number")]
    [InlineData(1, double.NegativeInfinity, "the norm of the gradient is infinite")]
    public void A_number_that_is_none_stops_at_once(double loss, double norm, string reason)
    {
        TrainingDivergedException thrown = Should.Throw<TrainingDivergedException>(
            () => new LossGuard().Check(7, loss, norm, Batch, "model.layers.3.mlp.down_proj.weight"));
        thrown.Step.ShouldBe(7);
        thrown.Message.ShouldBe(
            $"training diverged at step 7: {reason}; the first tensor that is not finite is model.layers.3.mlp.down_proj.weight; "
            + "its batch holds data.jsonl:1, data.jsonl:2, data.jsonl:3, data.jsonl:4 and 2 more");
    }

    [Fact]
    public void A_loss_that_rises_and_stays_up_stops_with_its_step()
    {
        var guard = new LossGuard();
        long last = Run(guard, step => step < 60 ? 2 + (0.05 * Noise(step)) : 6);
        last.ShouldBe(64);
    }

    [Fact]
    public void What_a_pruning_does_to_the_loss_does_not_count()
    {
        var guard = new LossGuard();
        for (int step = 1; step <= 60; step++)
        {
            guard.Check(step, 2, 1, []);
        }

        guard.Forget();
        for (int step = 61; step <= 80; step++)
        {
            guard.Check(step, 6, 1, []);
        }

        // From here on the higher loss is what is usual.
        Run(guard, _ => 18).ShouldBe(5);
    }

    [Fact]
    public void The_sentence_of_a_spike_says_what_was_usual()
    {
        var guard = new LossGuard(new LossGuardOptions { Patience = 1 });
        for (int step = 1; step <= 30; step++)
        {
            guard.Check(step, 2, 1, []);
        }

        Should.Throw<TrainingDivergedException>(() => guard.Check(31, 7.5, 1, [])).Message
            .ShouldBe("training diverged at step 31: the loss is 7.5, where the 30 steps before had 2 on average");
    }

    /// <summary>Courses of healthy runs: single spikes, a plateau, noise of small batches, overfitting to nearly nothing, a new epoch.</summary>
    [Theory]
    [InlineData("spikes")]
    [InlineData("fast fall")]
    [InlineData("noise")]
    [InlineData("nearly zero")]
    [InlineData("constant")]
    [InlineData("slow rise")]
    public void Healthy_runs_are_not_stopped(string course)
    {
        Func<long, double> loss = course switch
        {
            "spikes" => step => step % 40 < 3 ? 9 : 2 + (0.1 * Noise(step)),
            "fast fall" => step => 12 * Math.Exp(-step / 15.0) + 0.5 + (0.1 * Noise(step)),
            "noise" => step => Math.Exp(0.6 * Noise(step)),
            "nearly zero" => step => 0.001 + (0.05 * Math.Abs(Noise(step / 10))),
            "constant" => _ => 3.25,
            _ => step => 2 + (step * 0.002),
        };
        Run(new LossGuard(), loss, steps: 5000).ShouldBe(0);
    }

    [Fact]
    public void Patience_of_zero_lets_spikes_pass_but_not_NaN()
    {
        var guard = new LossGuard(new LossGuardOptions { Patience = 0 });
        Run(guard, step => step < 60 ? 2 : 100).ShouldBe(0);
        Should.Throw<TrainingDivergedException>(() => guard.Check(1, double.NaN, 1, []));
    }

    [Fact]
    public void A_restored_guard_stops_at_the_same_step()
    {
        var guard = new LossGuard();
        for (int step = 1; step <= 62; step++)
        {
            guard.Check(step, step < 60 ? 2 + (0.05 * Noise(step)) : 6, 1, []);
        }

        var resumed = new LossGuard();
        resumed.Restore((JsonObject)JsonNode.Parse(guard.Save().ToJsonString())!);
        resumed.Check(63, 6, 1, []);
        Should.Throw<TrainingDivergedException>(() => resumed.Check(64, 6, 1, []));
        resumed.Save().ToJsonString().Length.ShouldBeGreaterThan(100);
        resumed.Restore([]);
        resumed.Check(65, 6, 1, []);
    }

    [Theory]
    [InlineData("""{"spikes":-3,"losses":[1,null,"x",{},1e400]}""")]
    [InlineData("""{"spikes":"x","losses":7}""")]
    public void A_state_of_another_kind_is_the_beginning(string state)
    {
        var guard = new LossGuard();
        guard.Restore((JsonObject)JsonNode.Parse(state)!);
        guard.Check(1, 5, 1, []);
    }

    // Sum of twelve uniform numbers: nearly normal, deviation 1.
    private static double Noise(long step)
    {
        var random = new SplitMix64((ulong)step);
        double sum = -6;
        for (int i = 0; i < 12; i++)
        {
            sum += random.NextDouble();
        }

        return sum;
    }

    private static long Run(LossGuard guard, Func<long, double> loss, int steps = 200)
    {
        for (long step = 1; step <= steps; step++)
        {
            try
            {
                guard.Check(step, loss(step), 1, Batch);
            }
            catch (TrainingDivergedException thrown)
            {
                return thrown.Step;
            }
        }

        return 0;
    }
}
