using System.Diagnostics;

namespace Lapidary.Text.Jinja;

/// <summary>What a rendering may still do.</summary>
internal sealed class Budget(JinjaOptions options, CancellationToken cancellation)
{
    // Asking for the time costs more than a step.
    private const int StepsBetweenChecks = 4096;

    private readonly long start = Stopwatch.GetTimestamp();
    private long steps = options.MaxSteps;
    private long memory = options.MaxMemory;
    private long nextCheck = options.MaxSteps - StepsBetweenChecks;

    /// <summary>Counts steps.</summary>
    /// <returns>Why the rendering has to end, or null if it may go on.</returns>
    public string? Spend(long count)
    {
        steps -= count;
        if (steps < 0)
        {
            return $"rendering takes more than {options.MaxSteps} steps";
        }

        if (steps > nextCheck)
        {
            return null;
        }

        nextCheck = steps - StepsBetweenChecks;
        cancellation.ThrowIfCancellationRequested();
        return Stopwatch.GetElapsedTime(start) > options.TimeLimit ? $"rendering takes longer than {options.TimeLimit.TotalSeconds} seconds" : null;
    }

    /// <summary>Counts memory before it is allocated.</summary>
    /// <returns>Why the rendering has to end, or null if it may go on.</returns>
    public string? Allocate(long bytes)
    {
        memory -= bytes;
        return memory < 0 || bytes > options.MaxMemory ? $"rendering takes more than {options.MaxMemory} bytes of memory" : null;
    }
}
