using System.Collections.Immutable;
using System.Text;
using Lapidary.Text.Jinja;
using Lapidary.Workbench.Evaluation.Patterns;

namespace Lapidary.Workbench.Evaluation.Metrics;

/// <summary>
/// The metric <c>exact_match</c>: answer and reference are equal after both were prepared. What is removed goes in this order: regular
/// expressions, the difference between upper and lower case, ASCII punctuation, ASCII digits.
/// </summary>
internal sealed class ExactMatch
{
    private readonly ImmutableArray<PythonRegex> removed;

    /// <summary>Prepares nothing: texts are compared as they stand.</summary>
    public ExactMatch()
        : this([])
    {
    }

    /// <summary>Removes what the patterns match, one after the other.</summary>
    /// <param name="regexesToIgnore">Patterns in Python's syntax.</param>
    /// <exception cref="Checkpoints.CheckpointException">A pattern is malformed.</exception>
    public ExactMatch(IEnumerable<string> regexesToIgnore)
    {
        removed = [.. regexesToIgnore.Select(pattern => new PythonRegex(pattern))];
    }

    /// <summary>Whether upper and lower case are the same.</summary>
    public bool IgnoreCase { get; init; }

    /// <summary>Whether the 32 ASCII characters of punctuation are removed.</summary>
    public bool IgnorePunctuation { get; init; }

    /// <summary>Whether the digits 0 to 9 are removed.</summary>
    public bool IgnoreNumbers { get; init; }

    /// <summary>1 where answer and reference are equal, else 0.</summary>
    /// <exception cref="Checkpoints.CheckpointException">A pattern takes too long for one of the texts.</exception>
    public double Score(string answer, string reference) => Prepare(answer) == Prepare(reference) ? 1 : 0;

    /// <summary>1 where the answer equals any of the references, else 0.</summary>
    /// <exception cref="Checkpoints.CheckpointException">A pattern takes too long for one of the texts.</exception>
    public double Score(string answer, IEnumerable<string> references)
    {
        string prepared = Prepare(answer);
        return references.Any(reference => Prepare(reference) == prepared) ? 1 : 0;
    }

    /// <summary>A text as it is compared.</summary>
    /// <exception cref="Checkpoints.CheckpointException">A pattern takes too long for the text.</exception>
    public string Prepare(string text)
    {
        foreach (PythonRegex pattern in removed)
        {
            text = pattern.Remove(text);
        }

        text = IgnoreCase ? PythonText.Lower(text) : text;
        if (!IgnorePunctuation && !IgnoreNumbers)
        {
            return text;
        }

        var kept = new StringBuilder(text.Length);
        foreach (char c in text)
        {
            if (!(IgnorePunctuation && IsAsciiPunctuation(c)) && !(IgnoreNumbers && char.IsAsciiDigit(c)))
            {
                kept.Append(c);
            }
        }

        return kept.ToString();
    }

    /// <summary>Whether a character is one of Python's <c>string.punctuation</c>: all of ASCII that is visible and no letter or digit.</summary>
    public static bool IsAsciiPunctuation(char c) => c is > ' ' and < '\x7f' && !char.IsAsciiLetterOrDigit(c);
}
