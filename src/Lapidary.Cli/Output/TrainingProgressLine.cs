using System.Globalization;
using Lapidary.Workbench.Training;

namespace Lapidary.Cli.Output;

/// <summary>
/// Progress of a training run on stderr. In a terminal one line that is written again in its place, as wide as the terminal allows;
/// elsewhere a line of its own every so often, so that a log stays readable.
/// </summary>
internal sealed class TrainingProgressLine : IProgress<TrainingProgress>, IDisposable
{
    private static readonly TimeSpan Redraw = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LogInterval = TimeSpan.FromSeconds(10);

    private readonly TextWriter output;
    private readonly Func<int>? width;
    private readonly int? everySteps;
    private readonly TimeProvider clock;
    private TrainingProgress? latest;
    private long? shownAt;
    private long? loggedStep;
    private int drawn;

    /// <summary>Draws on stderr.</summary>
    /// <param name="everySteps">Where stderr is no terminal: a line each time so many steps are done; every ten seconds where left out.</param>
    public TrainingProgressLine(int? everySteps = null)
        : this(Console.Error, Console.IsErrorRedirected ? null : TerminalWidth, everySteps, TimeProvider.System)
    {
    }

    /// <summary>Draws on any output.</summary>
    /// <param name="output">What to write to.</param>
    /// <param name="width">Gives the width of the terminal; null where the output is none.</param>
    /// <param name="everySteps">Steps between lines where it is none.</param>
    /// <param name="clock">Tells the time.</param>
    internal TrainingProgressLine(TextWriter output, Func<int>? width, int? everySteps, TimeProvider clock)
    {
        this.output = output;
        this.width = width;
        this.everySteps = everySteps;
        this.clock = clock;
    }

    /// <inheritdoc/>
    public void Report(TrainingProgress value)
    {
        latest = value;
        bool isLast = value.Step >= value.TotalSteps;
        if (width is null)
        {
            bool isDue = everySteps is int steps ? value.Step % steps == 0 : SinceShown() >= LogInterval;
            if ((isDue || isLast || loggedStep is null || value.IsValidation) && (value.Step != loggedStep || value.IsValidation))
            {
                loggedStep = value.Step;
                shownAt = clock.GetTimestamp();
                output.WriteLine(TrainingProgressText.Line(value));
            }
        }
        else if (SinceShown() >= Redraw || isLast || value.IsValidation)
        {
            Draw(value);
        }
    }

    /// <summary>Writes a line for the user without disturbing the progress line.</summary>
    public void Log(string line)
    {
        Erase();
        output.WriteLine(line);
        if (width is not null && latest is not null)
        {
            Draw(latest);
        }
    }

    /// <summary>Leaves the last state standing and ends its line.</summary>
    public void Dispose()
    {
        if (drawn > 0 && latest is not null)
        {
            Draw(latest);
            output.WriteLine();
            drawn = 0;
        }
    }

    private void Draw(TrainingProgress progress)
    {
        // The last column stays free: a terminal would go on to the next line there.
        string line = TrainingProgressText.Fit(progress, Math.Max(1, width!() - 1));
        output.Write('\r' + line.PadRight(Math.Min(drawn, Math.Max(1, width() - 1))));
        output.Flush();
        drawn = line.Length;
        shownAt = clock.GetTimestamp();
    }

    private void Erase()
    {
        if (drawn > 0)
        {
            output.Write('\r' + new string(' ', Math.Min(drawn, Math.Max(1, width!() - 1))) + '\r');
            drawn = 0;
        }
    }

    private TimeSpan SinceShown() => shownAt is long then ? clock.GetElapsedTime(then) : TimeSpan.MaxValue;

    // Where stdout is redirected the runtime may not know the terminal behind stderr.
    private static int TerminalWidth()
    {
        try
        {
            return Console.WindowWidth is int width and > 0 ? width : 80;
        }
        catch (Exception thrown) when (thrown is IOException or PlatformNotSupportedException)
        {
            string? columns = Environment.GetEnvironmentVariable("COLUMNS");
            return int.TryParse(columns, NumberStyles.None, CultureInfo.InvariantCulture, out int width) && width > 0 ? width : 80;
        }
    }
}
