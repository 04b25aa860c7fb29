using Lapidary.Tests.Common;
using Lapidary.Workbench.Evaluation.Energy;
using Shouldly;
using Xunit;

namespace Lapidary.Workbench.Tests.Evaluation.Energy;

/// <summary>Counters as the kernel shows them, in a folder of a test.</summary>
public sealed class EnergyMeterTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Packages_are_added_and_parts_of_them_are_not()
    {
        Zone("intel-rapl:0", "package-0", "1000000");
        Zone("intel-rapl:0:0", "core", "5");
        Zone("intel-rapl:1", "package-1", "2000000");
        Zone("intel-rapl:2", "psys", "7");
        Zone("intel-rapl-mmio:0", "package-0", "9000000");
        Directory.CreateDirectory(folder["intel-rapl"]);
        using EnergyMeter meter = Meter();
        meter.Read().Joules.ShouldBe(0);

        Count("intel-rapl-mmio:0", "9500000");
        Count("intel-rapl:1", "2250000");
        Count("intel-rapl:0:0", "500000");

        // One of the two interfaces of package 0 is read, whichever; the other does not count again.
        EnergyReading reading = meter.Read();
        reading.Domains.ShouldBe(["package-0", "package-1"]);
        reading.Joules!.Value.ShouldBe(0.75, 1e-12);
        reading.Reason.ShouldBeNull();
    }

    [Fact]
    public void A_counter_that_begins_anew_is_followed()
    {
        Zone("intel-rapl:0", "package-0", "262143000000");
        using EnergyMeter meter = Meter();
        Count("intel-rapl:0", "262143328850");
        meter.Read().Joules!.Value.ShouldBe(0.32885, 1e-9);

        // At 262,143,328,850 of the range the counter is 0 again.
        Count("intel-rapl:0", "1000000");
        meter.Read().Joules!.Value.ShouldBe(1.32885, 1e-9);
        Count("intel-rapl:0", "500000");
        meter.Read().Joules!.Value.ShouldBe(1.32885 + 262143.32885 - 0.5, 1e-6);
    }

    [Fact]
    public void Without_counters_the_reason_is_told()
    {
        using EnergyMeter empty = Meter();
        empty.Read().ShouldSatisfyAllConditions(
            reading => reading.Joules.ShouldBeNull(),
            reading => reading.Domains.ShouldBeEmpty(),
            reading => reading.Reason.ShouldBe($"this system has no energy counters of processor packages in {folder.Path}"));
        using var none = new EnergyMeter(folder["none"], Timeout.InfiniteTimeSpan);
        none.Read().Reason.ShouldBe($"this system has no energy counters of processor packages in {folder["none"]}");
    }

    [Fact]
    public void A_counter_that_may_not_be_read_is_no_measurement()
    {
        // Whoever runs tests may read every file, but nobody reads a folder as one.
        Zone("intel-rapl:0", "package-0", "1");
        Zone("intel-rapl:1", "package-1", "1");
        File.Delete(Path.Combine(folder["intel-rapl:1"], "energy_uj"));
        Directory.CreateDirectory(Path.Combine(folder["intel-rapl:1"], "energy_uj"));
        using EnergyMeter meter = Meter();
        meter.Read().Joules.ShouldBeNull();
        meter.Read().Reason.ShouldBe($"the energy counters in {folder.Path} may not be read: permission denied");
    }

    [Theory]
    [InlineData("")]
    [InlineData("-5")]
    [InlineData("many")]
    [InlineData("99999999999999999999999999999999999999")]
    public void A_counter_that_is_no_number_ends_the_measurement(string content)
    {
        Zone("intel-rapl:0", "package-0", "1");
        using EnergyMeter meter = Meter();
        Count("intel-rapl:0", content);
        meter.Read().Reason.ShouldBe($"the energy counters in {folder.Path} cannot be read");
        Count("intel-rapl:0", "5");
        meter.Read().Joules.ShouldBeNull("a part of the time is missing");
    }

    private EnergyMeter Meter() => new(folder.Path, Timeout.InfiniteTimeSpan);

    private void Zone(string zone, string name, string count)
    {
        Directory.CreateDirectory(folder[zone]);
        File.WriteAllText(Path.Combine(folder[zone], "name"), name + "\n");
        File.WriteAllText(Path.Combine(folder[zone], "max_energy_range_uj"), "262143328850\n");
        Count(zone, count);
    }

    private void Count(string zone, string count) => File.WriteAllText(Path.Combine(folder[zone], "energy_uj"), count + "\n");
}
