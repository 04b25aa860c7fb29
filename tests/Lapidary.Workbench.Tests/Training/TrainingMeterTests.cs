using System.Text.Json.Nodes;
using Lapidary.Workbench.Training;
using Shouldly;
using Xunit;

namespace Lapidary.Workbench.Tests.Training;

public sealed class TrainingMeterTests
{
    [Fact]
    public void The_average_has_no_bias_towards_zero()
    {
        var average = new ExponentialAverage(0.9);
        average.Value.ShouldBe(double.NaN);
        average.Add(5).ShouldBe(5, 1e-12);
        average.Add(double.NaN).ShouldBe(5, 1e-12);

        // (5 * 0.9 + 3) / (0.9 + 1), by the definition.
        average.Add(3).ShouldBe(7.5 / 1.9, 1e-12);
        new ExponentialAverage(0).Add(7).ShouldBe(7);
        Should.Throw<ArgumentOutOfRangeException>(() => new ExponentialAverage(1));
    }

    [Fact]
    public void Speed_and_remaining_time_follow_the_steps()
    {
        var clock = new ManualClock();
        var meter = new TrainingMeter(100, clock);
        TrainingProgress? progress = null;
        for (int step = 1; step <= 10; step++)
        {
            clock.Advance(3);
            progress = meter.Step(step, step / 5.0, 4, 1e-3, 0.5, 1000, seconds: 2);
        }

        progress!.TokensPerSecond.ShouldBe(500, 1e-6);
        progress.Remaining!.Value.TotalSeconds.ShouldBe(180, 1e-3);
        progress.Elapsed.TotalSeconds.ShouldBe(30);
        progress.SmoothedLoss.ShouldBe(4, 1e-12);
        progress.ResidentBytes.ShouldBeGreaterThan(1 << 20);
        progress.ValidationLoss.ShouldBeNull();

        (TrainingProgress validated, bool isBest) = meter.Validation(progress, 3);
        isBest.ShouldBeTrue();
        validated.ValidationLoss.ShouldBe(3);
        validated.IsValidation.ShouldBeTrue();
        meter.Validation(progress, 3).IsBest.ShouldBeFalse();
        meter.Validation(progress, double.NaN).IsBest.ShouldBeFalse();
        meter.Validation(progress, 2.5).IsBest.ShouldBeTrue();

        TrainingSummary summary = meter.Summary(["run"]);
        summary.Tokens.ShouldBe(10_000);
        summary.Seconds.ShouldBe(30);
        summary.TokensPerSecond.ShouldBe(10_000 / 30.0, 1e-9);
        (summary.FirstLoss, summary.LastLoss, summary.BestValidationLoss, summary.BestStep, summary.Steps).ShouldBe((4, 4, 2.5, 10, 10));
        summary.PeakMemoryBytes.ShouldBeGreaterThanOrEqualTo(progress.ResidentBytes);
    }

    [Fact]
    public void A_resumed_run_goes_on_with_averages_and_time()
    {
        var clock = new ManualClock();
        var meter = new TrainingMeter(10, clock);
        clock.Advance(5);
        TrainingProgress first = meter.Step(1, 0.5, 4, 1e-3, 0.5, 100, 5);
        meter.Validation(first, 3);
        var state = (JsonObject)JsonNode.Parse(meter.Save().ToJsonString())!;

        var resumed = new TrainingMeter(10, clock);
        resumed.Restore(state);
        clock.Advance(2);
        TrainingProgress second = resumed.Step(2, 1, 2, 1e-3, 0.5, 100, 2);
        TrainingProgress expected = meter.Step(2, 1, 2, 1e-3, 0.5, 100, 2);
        second.SmoothedLoss.ShouldBe(expected.SmoothedLoss);
        second.Elapsed.ShouldBe(expected.Elapsed);
        second.ValidationLoss.ShouldBe(3);
        TrainingSummary summary = resumed.Summary([]);
        (summary.Tokens, summary.FirstLoss, summary.BestValidationLoss, summary.BestStep).ShouldBe((200, 4, 3, 1));
        resumed.Restore((JsonObject)JsonNode.Parse("""{"seconds":"x","steps":-1,"loss_weight":9,"best_step":[]}""")!);
        resumed.Summary([]).BestStep.ShouldBeNull();
    }
}
