using System.Text;
using Lapidary.Text.Jinja;

namespace Lapidary.Workbench.Evaluation.Markers;

/// <summary>
/// Looks for markers in answers. Answer and markers are prepared alike: lower case, without asterisks (emphasis), with plain apostrophes
/// for typographic ones, every run of white space one space and none at the ends. What is then part of the answer was found.
/// </summary>
internal sealed class MarkerSearch
{
    /// <summary>What is found in an answer that holds nothing but white space, where that counts.</summary>
    public const string Blank = "";

    private readonly (string Marker, string Prepared)[] markers;
    private readonly bool blankCounts;

    /// <summary>A search for some markers.</summary>
    /// <param name="markers">The markers, none of them empty; see <see cref="MarkerList"/>.</param>
    /// <param name="blankCounts">Whether an answer that holds nothing but white space counts as one with a marker.</param>
    public MarkerSearch(IReadOnlyList<string> markers, bool blankCounts)
    {
        this.markers = [.. markers.Select(marker => (marker, Prepare(marker)))];
        this.blankCounts = blankCounts;
    }

    /// <summary>The first of the markers, in their order, that the answer holds; <see cref="Blank"/> for an empty answer that counts; null for none.</summary>
    public string? Find(string answer)
    {
        string prepared = Prepare(answer);
        if (prepared.Length == 0 && PythonText.Strip(answer, null).Length == 0)
        {
            return blankCounts ? Blank : null;
        }

        foreach ((string marker, string text) in markers)
        {
            if (prepared.Contains(text, StringComparison.Ordinal))
            {
                return marker;
            }
        }

        return null;
    }

    /// <summary>A text as it is compared.</summary>
    public static string Prepare(string text)
    {
        string lower = PythonText.Lower(text);
        var prepared = new StringBuilder(lower.Length);
        bool isBehindSpace = false;
        foreach (char c in lower)
        {
            if (PythonText.IsSpace(c))
            {
                isBehindSpace = true;
            }
            else if (c != '*')
            {
                prepared.Append(isBehindSpace && prepared.Length > 0 ? " " : string.Empty).Append(c == '\u2019' ? '\'' : c);
                isBehindSpace = false;
            }
        }

        return prepared.ToString();
    }
}
