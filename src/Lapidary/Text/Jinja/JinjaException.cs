using Lapidary.Checkpoints;

namespace Lapidary.Text.Jinja;

/// <summary>
/// A template that cannot be parsed, or that failed while it was rendered. The message is one sentence that names the template, the line
/// and the column.
/// </summary>
public class JinjaException : CheckpointException
{
    /// <summary>An error at a place of a template.</summary>
    /// <param name="name">The template.</param>
    /// <param name="line">The line, from 1.</param>
    /// <param name="column">The column in UTF-16 units, from 1.</param>
    /// <param name="fact">What was expected and what was found.</param>
    /// <param name="cause">What was caught.</param>
    public JinjaException(string name, int line, int column, string fact, Exception? cause = null)
        : base(name, $"line {line}, column {column}: {fact}", cause)
    {
        Line = line;
        Column = column;
        Reason = fact;
    }

    /// <summary>The line in the template, from 1.</summary>
    public int Line { get; }

    /// <summary>The column in the line in UTF-16 units, from 1.</summary>
    public int Column { get; }

    /// <summary>What went wrong, without the place; what a template gave to <c>raise_exception</c>.</summary>
    public string Reason { get; }

    /// <summary>Whether the template itself refused what it was given, with <c>raise_exception</c>.</summary>
    public bool IsRefusal { get; init; }
}
