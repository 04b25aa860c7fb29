namespace Lapidary.Workbench.Tests.Training;

/// <summary>A clock that goes when it is told to.</summary>
internal sealed class ManualClock : TimeProvider
{
    private long now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => now;

    public void Advance(double seconds) => now += TimeSpan.FromSeconds(seconds).Ticks;
}
