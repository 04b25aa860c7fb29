using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Lapidary.Checkpoints;
using Lapidary.Text.Jinja;

namespace Lapidary.Workbench.Evaluation.Patterns;

/// <summary>
/// A regular expression in the syntax of Python's <c>re</c>, with the meaning that it has there, run within a bounded time. Patterns come
/// from the files of strangers and run over what a model wrote: one that takes longer than the limit for one text is an error.
/// </summary>
internal sealed class PythonRegex
{
    private const int MostCharacters = 20_000;
    private const string Special = "()[]{}?*+-|^$\\.&~# \t\n\r\v\f";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    private readonly string pattern;
    private readonly RegexOptions options;
    private readonly Regex regex;
    private readonly Lazy<Regex> regexOfPairs;

    /// <summary>Compiles a pattern.</summary>
    /// <param name="pattern">The pattern as Python writes it.</param>
    /// <param name="options"><see cref="RegexOptions.IgnoreCase"/> and <see cref="RegexOptions.Multiline"/> have the meaning of Python's flags.</param>
    /// <exception cref="CheckpointException">The pattern is too long, malformed, or uses what only Python has.</exception>
    public PythonRegex(string pattern, RegexOptions options = RegexOptions.None)
    {
        this.pattern = pattern;
        if (pattern.Length > MostCharacters)
        {
            throw Fault($"expected at most {MostCharacters} characters, found {pattern.Length}");
        }

        this.options = options | RegexOptions.CultureInvariant;
        regex = Compile(hasPairs: false);
        regexOfPairs = new Lazy<Regex>(() => Compile(hasPairs: true));
    }

    /// <summary>How many capturing groups the pattern has.</summary>
    public int Groups => regex.GetGroupNumbers().Length - 1;

    /// <summary><c>re.escape</c>: the pattern that matches just this text.</summary>
    public static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (char c in text)
        {
            escaped.Append(Special.Contains(c, StringComparison.Ordinal) ? "\\" : string.Empty).Append(c);
        }

        return escaped.ToString();
    }

    /// <summary>Whether <c>re.search</c> finds anything.</summary>
    /// <exception cref="CheckpointException">The search took longer than the limit.</exception>
    public bool IsMatch(string text) => Bounded(() => For(text).IsMatch(text));

    /// <summary>How many matches <c>re.findall</c> gives.</summary>
    /// <exception cref="CheckpointException">The search took longer than the limit.</exception>
    public int Count(string text) => Bounded(() => Matches(text).Count());

    /// <summary>
    /// <c>re.findall</c>: of each match the groups, where the pattern has any, else the whole of it. A group that took no part is empty.
    /// </summary>
    /// <exception cref="CheckpointException">The search took longer than the limit.</exception>
    public IReadOnlyList<IReadOnlyList<string>> FindAll(string text) => Bounded(() =>
    {
        var found = new List<IReadOnlyList<string>>();
        foreach (Match match in Matches(text))
        {
            found.Add(match.Groups.Count == 1 ? [match.Value] : [.. match.Groups.Values.Skip(1).Select(group => group.Value)]);
        }

        return found;
    });

    /// <summary>Where the matches are: first unit and number of units.</summary>
    /// <exception cref="CheckpointException">The search took longer than the limit.</exception>
    public IReadOnlyList<(int Start, int Length)> Spans(string text) => Bounded(() =>
    {
        var spans = new List<(int, int)>();
        foreach (Match match in Matches(text))
        {
            spans.Add((match.Index, match.Length));
        }

        return spans;
    });

    /// <summary><c>re.split</c> for a pattern without groups.</summary>
    /// <exception cref="CheckpointException">The search took longer than the limit.</exception>
    public IReadOnlyList<string> Split(string text)
    {
        var parts = new List<string>();
        int from = 0;
        foreach ((int start, int length) in Spans(text))
        {
            parts.Add(text[from..start]);
            from = start + length;
        }

        parts.Add(text[from..]);
        return parts;
    }

    /// <summary><c>re.sub(pattern, "", text)</c>: the text without the matches.</summary>
    /// <exception cref="CheckpointException">The search took longer than the limit.</exception>
    public string Remove(string text) => string.Concat(Split(text));

    /// <summary>The rule of the harness's filters for a match of several groups: the first that is not empty; null where all are.</summary>
    public static string? FirstGroup(IReadOnlyList<string> groups) =>
        groups.Count == 1 ? groups[0] : groups.FirstOrDefault(group => group.Length > 0);

    // The limit of .NET is one for each match, of which a text may have as many as characters.
    private IEnumerable<Match> Matches(string text)
    {
        long started = Stopwatch.GetTimestamp();
        for (Match match = For(text).Match(text); match.Success; match = match.NextMatch())
        {
            yield return match;
            if (Stopwatch.GetElapsedTime(started) > Limit)
            {
                throw new RegexMatchTimeoutException(text, pattern, Limit);
            }
        }
    }

    // Few texts have characters beyond U+FFFF, and the translation for those is slower.
    private Regex For(string text) => PythonText.HasPairs(text) ? regexOfPairs.Value : regex;

    private Regex Compile(bool hasPairs)
    {
        try
        {
            return new Regex(PythonPattern.Translate(pattern, hasPairs), options, Limit);
        }
        catch (Exception thrown) when (thrown is ArgumentException or FormatException)
        {
            throw Fault(thrown.Message.TrimEnd('.'), thrown);
        }
    }

    private T Bounded<T>(Func<T> search)
    {
        try
        {
            return search();
        }
        catch (RegexMatchTimeoutException thrown)
        {
            throw Fault($"expected to be done with a text within {Limit.TotalSeconds} seconds, found that it takes longer", thrown);
        }
    }

    private CheckpointException Fault(string fact, Exception? cause = null)
    {
        string shown = pattern.Length <= 200 ? pattern : pattern[..200] + "...";
        return new CheckpointException($"the regular expression {shown.ReplaceLineEndings("\\n")}", fact, cause);
    }
}
