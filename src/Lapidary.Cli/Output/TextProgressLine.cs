using System.Globalization;
using Lapidary.Workbench.Evaluation.Texts;

namespace Lapidary.Cli.Output;

/// <summary>
/// Progress of the scoring of a text on stderr: in a terminal one line that is written again in its place, elsewhere a line every ten
/// seconds.
/// </summary>
internal sealed class TextProgressLine(TextWriter output, bool isTerminal, TimeProvider clock, string title = "") : IProgress<TextProgress>, IDisposable
{
    private static readonly TimeSpan LogInterval = TimeSpan.FromSeconds(10);

    private int drawn;
    private long? shownAt;

    /// <inheritdoc/>
    public void Report(TextProgress value)
    {
        if (isTerminal)
        {
            string line = title + Line(value);
            output.Write('\r' + line.PadRight(drawn));
            output.Flush();
            drawn = line.Length;
        }
        else if (shownAt is not long then)
        {
            shownAt = clock.GetTimestamp();
        }
        else if (value.Done < value.Total && clock.GetElapsedTime(then) >= LogInterval)
        {
            output.WriteLine(title + Line(value));
            shownAt = clock.GetTimestamp();
        }
    }

    /// <summary>Ends the line.</summary>
    public void Dispose()
    {
        if (drawn > 0)
        {
            output.WriteLine();
            drawn = 0;
        }
    }

    /// <summary>What stands in the line.</summary>
    internal static string Line(TextProgress progress)
    {
        string line = string.Create(CultureInfo.InvariantCulture, $"{progress.Done}/{progress.Total} chunks");
        if (progress.Done == 0)
        {
            return line;
        }

        line += string.Create(CultureInfo.InvariantCulture, $", PPL {progress.Perplexity:0.0000}");
        if (progress.Divergence is double divergence)
        {
            line += string.Create(CultureInfo.InvariantCulture, $", KL divergence {divergence:0.00000}");
        }

        return progress.Done < progress.Total && progress.Remaining is { } remaining
            ? line + string.Create(CultureInfo.InvariantCulture, $", {(int)remaining.TotalHours}:{remaining.Minutes:00}:{remaining.Seconds:00} left")
            : line;
    }
}
