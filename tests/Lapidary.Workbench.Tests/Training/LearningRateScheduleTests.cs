using Lapidary.Workbench.Training;
using Shouldly;
using Xunit;

namespace Lapidary.Workbench.Tests.Training;

/// <summary>Learning rates over a run.</summary>
public class LearningRateScheduleTests
{
    [Theory]
    // What the tests of transformers expect of its schedules at a rate of 10 (tests/optimization/test_optimization.py).
    [InlineData(LearningRateScheduleKind.Constant, 4, new[] { 0.0, 2.5, 5.0, 7.5, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0 }, 1e-12)]
    [InlineData(LearningRateScheduleKind.Linear, 2, new[] { 0.0, 5.0, 10.0, 8.75, 7.5, 6.25, 5.0, 3.75, 2.5, 1.25 }, 1e-12)]
    [InlineData(LearningRateScheduleKind.Cosine, 2, new[] { 0.0, 5.0, 10.0, 9.61, 8.53, 6.91, 5.0, 3.08, 1.46, 0.38 }, 0.01)]
    public void Rates_are_those_of_transformers(LearningRateScheduleKind kind, long warmup, double[] expected, double tolerance)
    {
        var schedule = new LearningRateSchedule(kind, 10, 10, warmup);
        for (int step = 0; step < expected.Length; step++)
        {
            schedule.At(step).ShouldBe(expected[step], tolerance, $"step {step}");
        }
    }

    [Fact]
    public void A_cosine_can_end_above_zero()
    {
        // The formula of get_cosine_with_min_lr_schedule_with_warmup with min_lr_rate 0.1, computed in Python.
        double[] expected =
        [
            0, 0.0001, 0.0002, 0.0003, 0.000289723737, 0.000260459415, 0.000216662263, 0.000165, 0.000113337737, 6.9540585e-05,
            4.0276263e-05, 3e-05,
        ];
        var schedule = new LearningRateSchedule(LearningRateScheduleKind.Cosine, 3e-4, 11, 3, 0.1);
        for (int step = 0; step < expected.Length; step++)
        {
            schedule.At(step).ShouldBe(expected[step], 1e-12, $"step {step}");
        }

        schedule.At(100).ShouldBe(3e-5, 1e-12);
    }

    [Fact]
    public void Without_warm_up_the_first_step_has_the_whole_rate_and_after_the_last_there_is_none()
    {
        foreach (LearningRateScheduleKind kind in Enum.GetValues<LearningRateScheduleKind>())
        {
            var schedule = new LearningRateSchedule(kind, 0.5, 8, 0);
            schedule.At(0).ShouldBe(0.5);
            schedule.At(8).ShouldBe(kind == LearningRateScheduleKind.Constant ? 0.5 : 0);
            schedule.At(9).ShouldBe(kind == LearningRateScheduleKind.Constant ? 0.5 : 0);
        }
    }

    [Fact]
    public void A_warm_up_may_be_the_whole_run_or_longer()
    {
        new LearningRateSchedule(LearningRateScheduleKind.Linear, 1, 4, 8).At(3).ShouldBe(0.375);
        new LearningRateSchedule(LearningRateScheduleKind.Cosine, 1, 4, 4).At(4).ShouldBe(1);
        new LearningRateSchedule(LearningRateScheduleKind.Linear, 1, 0, 0).At(0).ShouldBe(0);
    }

    [Theory]
    [InlineData(0.1, 100, 10)]
    [InlineData(0.1, 101, 11)]
    [InlineData(0.0, 50, 0)]
    [InlineData(1.0, 50, 50)]
    public void A_share_of_the_run_is_rounded_up(double share, long total, long expected) =>
        LearningRateSchedule.WarmupStepsOf(share, total).ShouldBe(expected);

    [Fact]
    public void Impossible_numbers_are_refused()
    {
        const LearningRateScheduleKind Kind = LearningRateScheduleKind.Cosine;
        Should.Throw<ArgumentOutOfRangeException>(() => new LearningRateSchedule((LearningRateScheduleKind)9, 1, 1, 1));
        Should.Throw<ArgumentOutOfRangeException>(() => new LearningRateSchedule(Kind, -1, 1, 1));
        Should.Throw<ArgumentOutOfRangeException>(() => new LearningRateSchedule(Kind, double.NaN, 1, 1));
        Should.Throw<ArgumentOutOfRangeException>(() => new LearningRateSchedule(Kind, 1, -1, 1));
        Should.Throw<ArgumentOutOfRangeException>(() => new LearningRateSchedule(Kind, 1, 1, -1));
        Should.Throw<ArgumentOutOfRangeException>(() => new LearningRateSchedule(Kind, 1, 1, 1, 1.1));
        Should.Throw<ArgumentOutOfRangeException>(() => LearningRateSchedule.WarmupStepsOf(1.1, 5));
    }
}
