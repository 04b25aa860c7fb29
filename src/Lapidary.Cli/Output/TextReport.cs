using System.Text;

namespace Lapidary.Cli.Output;

/// <summary>
/// The result of a command as a person reads it: lines, pairs and columns of plain text on stdout, which look the same in a terminal,
/// in a file and behind a pipe. Written in one piece when disposed.
/// </summary>
internal sealed class TextReport : IDisposable
{
    private readonly StringBuilder text = new();

    /// <summary>One line.</summary>
    public void Line(string line = "") => text.Append(line).Append('\n');

    /// <summary>Names on the left, their values in one column.</summary>
    public void Pairs(params ReadOnlySpan<(string Name, string Value)> pairs)
    {
        int width = 0;
        foreach ((string name, _) in pairs)
        {
            width = Math.Max(width, name.Length);
        }

        foreach ((string name, string value) in pairs)
        {
            text.Append(name.PadRight(width + 2)).Append(value).Append('\n');
        }
    }

    /// <summary>A table; columns whose heading begins with '>' are aligned to the right.</summary>
    public void Table(IReadOnlyList<string> headings, IEnumerable<string[]> rows)
    {
        List<string[]> cells = [.. rows];
        bool[] right = [.. headings.Select(heading => heading.StartsWith('>'))];
        string[] first = [.. headings.Select(heading => heading.TrimStart('>'))];
        cells.Insert(0, first);
        int[] widths = [.. first.Select((_, column) => cells.Max(row => row[column].Length))];
        foreach (string[] row in cells)
        {
            var line = new StringBuilder();
            for (int column = 0; column < row.Length; column++)
            {
                line.Append(right[column] ? row[column].PadLeft(widths[column]) : row[column].PadRight(widths[column])).Append("  ");
            }

            text.Append(line.ToString().TrimEnd()).Append('\n');
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Console.Out.Write(text.ToString());
        text.Clear();
    }
}
