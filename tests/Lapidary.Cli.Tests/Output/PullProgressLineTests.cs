using Lapidary.Cli.Output;
using Lapidary.Hub;
using Shouldly;
using Xunit;

namespace Lapidary.Cli.Tests.Output;

/// <summary>What is said while files come.</summary>
public class PullProgressLineTests
{
    [Fact]
    public void TheLineHasFilesBytesRateAndTimeLeft()
    {
        var progress = new HubProgress(2, 5, 300 << 20, 1000 << 20, 200 << 20);

        PullProgressLine.Line(progress, TimeSpan.FromSeconds(10)).ShouldBe("2/5 files, 300.0 MiB of 1000.0 MiB, 20.0 MiB/s, 35s left");
        PullProgressLine.Line(progress with { BytesDone = 1000 << 20 }, TimeSpan.FromSeconds(10)).ShouldBe("2/5 files, 1000.0 MiB of 1000.0 MiB, 20.0 MiB/s");
        PullProgressLine.Line(progress with { BytesReceived = 0 }, TimeSpan.FromSeconds(10)).ShouldBe("2/5 files, 300.0 MiB of 1000.0 MiB");
    }
}
