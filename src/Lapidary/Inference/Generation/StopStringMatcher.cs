using System.Collections.Immutable;

namespace Lapidary.Inference.Generation;

/// <summary>
/// Finds the first stop string in text that arrives in pieces. Text that could still become the beginning of one is held back, all
/// else goes through at once; which pieces the text arrives in makes no difference to what comes out. Where several stop strings could
/// match, the one that is complete first does, and of those that are complete together the longest.
/// </summary>
public sealed class StopStringMatcher
{
    private readonly ImmutableArray<string> stops;
    private string held = string.Empty;

    /// <summary>A matcher for any number of stop strings.</summary>
    /// <exception cref="ArgumentException">One of them is empty.</exception>
    public StopStringMatcher(IEnumerable<string> stopStrings)
    {
        ArgumentNullException.ThrowIfNull(stopStrings);
        stops = [.. stopStrings];
        if (stops.Any(string.IsNullOrEmpty))
        {
            throw new ArgumentException("A stop string is empty.", nameof(stopStrings));
        }
    }

    /// <summary>The stop string that was found, or null.</summary>
    public string? Found { get; private set; }

    /// <summary>Takes more text and gives what can be shown; nothing once a stop string was found.</summary>
    public string Append(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (Found is not null)
        {
            return string.Empty;
        }

        if (stops.IsEmpty)
        {
            return text;
        }

        string pending = held + text;
        int start = Find(pending);
        if (start >= 0)
        {
            held = string.Empty;
            return pending[..start];
        }

        int keep = PossibleBeginning(pending);
        held = pending[^keep..];
        return pending[..^keep];
    }

    /// <summary>The text ends: what was held back is no stop string.</summary>
    public string Flush()
    {
        string rest = held;
        held = string.Empty;
        return rest;
    }

    private int Find(string pending)
    {
        int start = -1;
        int end = int.MaxValue;
        foreach (string stop in stops)
        {
            int at = pending.IndexOf(stop, StringComparison.Ordinal);
            if (at >= 0 && (at + stop.Length < end || (at + stop.Length == end && at < start)))
            {
                (start, end) = (at, at + stop.Length);
                Found = stop;
            }
        }

        return start;
    }

    // Length of the longest end of the text with which a stop string begins.
    private int PossibleBeginning(string pending)
    {
        int longest = 0;
        foreach (string stop in stops)
        {
            for (int length = Math.Min(stop.Length - 1, pending.Length); length > longest; length--)
            {
                if (pending.AsSpan(pending.Length - length).SequenceEqual(stop.AsSpan(0, length)))
                {
                    longest = length;
                }
            }
        }

        return longest;
    }
}
