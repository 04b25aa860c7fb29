using System.Text;
using Lapidary.Cli.Output;
using Lapidary.Workbench.Training;
using Shouldly;
using Xunit;

namespace Lapidary.Cli.Tests.Output;

public sealed class TrainingProgressLineTests : IDisposable
{
    private readonly StringWriter output = new() { NewLine = "\n" };
    private readonly Clock clock = new();

    public void Dispose() => output.Dispose();

    private static TrainingProgress At(long step, long total = 1200) => new(
        step, total, step / 100.0, 2.34567, 2.4, 1.8e-4, 0.8215, 3121.4, TimeSpan.FromSeconds(step), TimeSpan.FromSeconds(total - step), 2_040_109_466, null);

    [Fact]
    public void A_log_has_everything_in_one_line() => TrainingProgressText.Line(At(120) with { ValidationLoss = 2.5 }).ShouldBe(
        "  120/1,200  epoch 1.20  loss 2.3457  mean 2.4000  eval 2.5000  lr 1.80e-4  grad 0.82  3,121 tok/s  1.9 GiB  18m00s left");

    [Fact]
    public void Where_stderr_is_no_terminal_there_is_a_line_every_ten_seconds_the_first_the_last_and_at_validations()
    {
        using (var line = new TrainingProgressLine(output, width: null, everySteps: null, clock))
        {
            for (int step = 1; step <= 30; step++)
            {
                clock.Advance(1);
                line.Report(At(step, 30));
                if (step == 15)
                {
                    line.Report(At(step, 30) with { ValidationLoss = 2, IsValidation = true });
                }
            }

            line.Log("saved");
        }

        Steps().ShouldBe([1, 11, 15, 25, 30]);
        output.ToString().ShouldNotContain('\r');
        output.ToString().ShouldEndWith("\nsaved\n");
    }

    [Fact]
    public void Or_every_so_many_steps()
    {
        using (var line = new TrainingProgressLine(output, width: null, everySteps: 10, clock))
        {
            for (int step = 1; step <= 25; step++)
            {
                line.Report(At(step, 25));
            }
        }

        Steps().ShouldBe([1, 10, 20, 25]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(20)]
    [InlineData(40)]
    [InlineData(79)]
    [InlineData(80)]
    [InlineData(200)]
    public void In_a_terminal_the_line_stays_in_its_place(int width)
    {
        var screen = new Screen(width);
        using (var line = new TrainingProgressLine(screen, () => width, everySteps: null, clock))
        {
            for (int step = 1; step <= 1200; step += 37)
            {
                clock.Advance(1);
                line.Report(At(step) with { GradientNorm = step % 2 == 0 ? 1e9 : 1 });
            }

            screen.Lines.Count.ShouldBe(1);
            screen.Wraps.ShouldBe(0);
            line.Log("checkpoint");
            line.Report(At(1200));
        }

        screen.Lines.Count.ShouldBe(3);
        screen.Lines[0].TrimEnd().ShouldBe("checkpoint"[..Math.Min(width, 10)]);
        screen.Lines[1].TrimEnd().ShouldBe(TrainingProgressText.Fit(At(1200), Math.Max(1, width - 1)).TrimEnd());
    }

    [Fact]
    public void What_matters_least_goes_first()
    {
        TrainingProgressText.Fit(At(120), 100).ShouldBe("  120/1,200  epoch 1.20  loss 2.3457  mean 2.4000  lr 1.80e-4  3,121 tok/s  1.9 GiB  18m00s left");
        TrainingProgressText.Fit(At(120), 79).ShouldBe("  120/1,200  loss 2.3457  mean 2.4000  3,121 tok/s  1.9 GiB  18m00s left");
        TrainingProgressText.Fit(At(120), 40).ShouldBe("  120/1,200  mean 2.4000  18m00s left");
        TrainingProgressText.Fit(At(120), 5).ShouldBe("  120");
    }

    [Fact]
    public void A_terminal_is_not_drawn_more_often_than_anybody_can_read()
    {
        using (var line = new TrainingProgressLine(output, () => 80, everySteps: null, clock))
        {
            for (int step = 1; step < 1000; step++)
            {
                clock.Advance(0.001);
                line.Report(At(step));
            }
        }

        output.ToString().Count(c => c == '\r').ShouldBeInRange(9, 12);
    }

    [Theory]
    [InlineData(0.04, "0.0s")]
    [InlineData(9.94, "9.9s")]
    [InlineData(9.96, "10s")]
    [InlineData(59.4, "59s")]
    [InlineData(59.6, "1m00s")]
    [InlineData(3599.6, "1h00m")]
    [InlineData(86399, "23h59m")]
    [InlineData(100_000, "1d03h")]
    public void Times_have_two_units(double seconds, string expected) => Units.Time(TimeSpan.FromSeconds(seconds)).ShouldBe(expected);

    [Fact]
    public void The_closing_table_says_what_there_is()
    {
        var summary = new TrainingSummary(1200, 3_000_000, 3725, 805.4, 4.5, 2.25, 2.5, 900, 3L << 30, ["out/model.safetensors", "out/loss.svg"]);
        TrainingSummaryTable.Rows(summary).ShouldBe(
        [
            ("steps", "1,200"),
            ("tokens", "3,000,000"),
            ("time", "1h02m"),
            ("tokens/s", "805.40"),
            ("loss", "4.5000 at the first step, 2.2500 at the end (smoothed)"),
            ("validation loss", "2.5000 at best, at step 900"),
            ("peak memory", "3.0 GiB"),
            ("written", "out/model.safetensors"),
            (string.Empty, "out/loss.svg"),
        ]);
        TrainingSummaryTable.Rows(new TrainingSummary(0, 0, 0, 0, null, null, null, null, 1, [])).Select(row => row.Name)
            .ShouldBe(["steps", "tokens", "time", "tokens/s", "peak memory"]);
    }

    private int[] Steps() =>
        [.. output.ToString().Split('\n').Where(text => text.Contains('/', StringComparison.Ordinal)).Select(text => int.Parse(text.Split('/')[0], System.Globalization.CultureInfo.InvariantCulture))];

    private sealed class Clock : TimeProvider
    {
        private long now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => now;

        public void Advance(double seconds) => now += TimeSpan.FromSeconds(seconds).Ticks;
    }

    /// <summary>A terminal as far as it is needed: what would wrap behind its last column is counted, a carriage return goes back to the first.</summary>
    private sealed class Screen(int width) : TextWriter
    {
        private int column;

        public override Encoding Encoding => Encoding.UTF8;

        public int Wraps { get; private set; }

        public List<string> Lines { get; } = [string.Empty];

        public override void Write(char value)
        {
            switch (value)
            {
                case '\r':
                    column = 0;
                    break;
                case '\n':
                    Lines.Add(string.Empty);
                    column = 0;
                    break;
                default:
                    if (column == width)
                    {
                        Wraps++;
                        return;
                    }

                    Lines[^1] = Lines[^1].PadRight(column + 1).Remove(column, 1).Insert(column, value.ToString());
                    column++;
                    break;
            }
        }
    }
}
