using Lapidary.Workbench.Compression;
using Lapidary.Workbench.Training;
using Shouldly;
using Xunit;

namespace Lapidary.Workbench.Tests.Training;

/// <summary>The cubic schedule of Zhu and Gupta (2017).</summary>
public sealed class PruningScheduleTests
{
    // s_f + (s_i - s_f) (1 - (t - t_0) / (n dt))^3 with exact fractions: t_0 = 2, n dt = 8, dt = 2.
    [Theory]
    [InlineData(0, 0.5, 2, 0)]
    [InlineData(0, 0.5, 4, 0.2890625)]
    [InlineData(0, 0.5, 6, 0.4375)]
    [InlineData(0, 0.5, 8, 0.4921875)]
    [InlineData(0, 0.5, 10, 0.5)]
    [InlineData(0.25, 0.75, 2, 0.25)]
    [InlineData(0.25, 0.75, 4, 0.5390625)]
    [InlineData(0.25, 0.75, 6, 0.6875)]
    [InlineData(0.25, 0.75, 8, 0.7421875)]
    [InlineData(0.25, 0.75, 30, 0.75)]
    [InlineData(0.25, 0.75, 1, 0)]
    public void Sparsity_is_that_of_the_formula(double from, double to, long steps, double expected) =>
        new PruningSchedule(from, to, 2, 10, 2, 40).At(steps).ShouldBe(expected);

    [Theory]
    [InlineData(2, 10, 2, "2 4 6 8 10")]
    [InlineData(0, 10, 4, "0 4 8 10")]
    [InlineData(3, 3, 5, "3")]
    [InlineData(0, 3, 9, "0 3")]
    [InlineData(0, 12, 1, "0 1 2 3 4 5 6 7 8 9 10 11 12")]
    public void Prunings_come_every_so_many_steps_and_at_the_end(long start, long end, long every, string expected)
    {
        var schedule = new PruningSchedule(0, 0.5, start, end, every, 12);
        string.Join(' ', Enumerable.Range(0, 13).Where(step => schedule.IsDue(step))).ShouldBe(expected);
        schedule.At(end).ShouldBe(0.5);
    }

    [Fact]
    public void Shares_are_of_the_run_and_larger_numbers_steps()
    {
        PruningSchedule schedule = new GradualPruningOptions { FinalSparsity = 0.5, Start = 0.1, End = 0.75 }.ScheduleOf(250);
        (schedule.Start, schedule.End, schedule.Every).ShouldBe((25, 188, 2));
        schedule = new GradualPruningOptions { Pattern = new SparsityPattern(3, 4), Start = 7, End = 30, Every = 9 }.ScheduleOf(30);
        (schedule.Start, schedule.End, schedule.Every, schedule.FinalSparsity).ShouldBe((7, 30, 9, 0.75));
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_moment_is_a_share_or_a_number_of_steps(double moment) =>
        Should.Throw<ArgumentException>(() => new GradualPruningOptions { FinalSparsity = 0.5, Start = moment }.ScheduleOf(10))
            .Message.ShouldContain("a share or a number of steps, not at");

    [Theory]
    [InlineData(0, 1, 0, 5, "lies above 0 and below 1, not at 1")]
    [InlineData(0, double.NaN, 0, 5, "lies above 0 and below 1, not at NaN")]
    [InlineData(0.6, 0.5, 0, 5, "from 0 to its final one, 0.5, not with 0.6")]
    [InlineData(0, 0.5, 6, 5, "begins at step 6 cannot end at step 5")]
    [InlineData(0, 0.5, 0, 11, "cannot end at step 11 of a run of 10 steps")]
    public void What_makes_no_sense_is_refused(double from, double to, long start, long end, string fragment) =>
        Should.Throw<ArgumentException>(() => new PruningSchedule(from, to, start, end, 1, 10)).Message.ShouldContain(fragment);
}
