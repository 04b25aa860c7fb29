using System.Text;

namespace Lapidary.Cli.CommandLine;

/// <summary>Makes a foreign text fit into a sentence of one line.</summary>
internal static class Quote
{
    private const int Longest = 60;

    /// <summary>The text between quotes, without line breaks and control characters, cut where it is long; "nothing" if it is empty.</summary>
    public static string Text(string text) => text.Length == 0 ? "nothing" : $"'{Line(text.Length > Longest ? text[..Longest] + "..." : text)}'";

    /// <summary>The text on one line.</summary>
    public static string Line(string text)
    {
        var line = new StringBuilder(text.Length);
        bool space = false;
        foreach (char c in text)
        {
            if (char.IsControl(c))
            {
                space = line.Length > 0;
                continue;
            }

            if (space)
            {
                line.Append(' ');
                space = false;
            }

            line.Append(c);
        }

        return line.ToString();
    }
}
