using System.Globalization;
using Lapidary.Hub;

namespace Lapidary.Cli.Output;

/// <summary>
/// Progress of a download on stderr: in a terminal one line that is written again in its place, elsewhere a line every ten seconds. Safe for
/// use by several threads.
/// </summary>
internal sealed class PullProgressLine(TextWriter output, bool isTerminal, TimeProvider clock) : IProgress<HubProgress>, IDisposable
{
    private static readonly TimeSpan Redraw = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LogInterval = TimeSpan.FromSeconds(10);

    private readonly Lock gate = new();
    private readonly long startedAt = clock.GetTimestamp();
    private long? shownAt;
    private int drawn;

    /// <summary>How far it is; null before the first report.</summary>
    public HubProgress? Latest { get; private set; }

    /// <inheritdoc/>
    public void Report(HubProgress value)
    {
        lock (gate)
        {
            Latest = value;
            TimeSpan sinceShown = clock.GetElapsedTime(shownAt ?? startedAt);
            if (isTerminal && (sinceShown >= Redraw || value.FilesDone == value.FileCount))
            {
                Draw(Line(value, clock.GetElapsedTime(startedAt)));
            }
            else if (!isTerminal && sinceShown >= LogInterval)
            {
                output.WriteLine(Line(value, clock.GetElapsedTime(startedAt)));
                shownAt = clock.GetTimestamp();
            }
        }
    }

    /// <summary>Writes a line for the user without disturbing the progress line.</summary>
    public void Log(string line)
    {
        lock (gate)
        {
            if (drawn > 0)
            {
                output.Write('\r' + new string(' ', drawn) + '\r');
                drawn = 0;
            }

            output.WriteLine(line);
        }
    }

    /// <summary>Ends the line.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            if (drawn > 0)
            {
                output.WriteLine();
                drawn = 0;
            }
        }
    }

    /// <summary>What stands in the line.</summary>
    internal static string Line(HubProgress progress, TimeSpan elapsed)
    {
        string line = string.Create(
            CultureInfo.InvariantCulture,
            $"{progress.FilesDone}/{progress.FileCount} files, {Units.Bytes(progress.BytesDone)} of {Units.Bytes(progress.ByteCount)}");
        double rate = elapsed > TimeSpan.Zero ? progress.BytesReceived / elapsed.TotalSeconds : 0;
        if (rate < 1)
        {
            return line;
        }

        line += $", {Units.Bytes((long)rate)}/s";
        double left = (progress.ByteCount - progress.BytesDone) / rate;
        return left is > 0 and < 1e6 ? line + $", {Units.Time(TimeSpan.FromSeconds(left))} left" : line;
    }

    private void Draw(string line)
    {
        output.Write('\r' + line.PadRight(drawn));
        output.Flush();
        drawn = line.Length;
        shownAt = clock.GetTimestamp();
    }
}
