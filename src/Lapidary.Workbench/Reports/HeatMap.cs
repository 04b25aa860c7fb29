using System.Text;
using System.Xml;

namespace Lapidary.Workbench.Reports;

/// <summary>
/// Shares in rows and columns, the larger the darker, as one self-contained SVG like <see cref="LineChart"/>: no script, no font and no file from
/// elsewhere; readable on light and on dark surroundings. Each cell says its number, so that nothing hangs on the colour alone.
/// </summary>
public sealed class HeatMap
{
    /// <summary>What the picture shows, above it.</summary>
    public required string Title { get; init; }

    /// <summary>A line below the title; empty for none.</summary>
    public string Subtitle { get; init; } = string.Empty;

    /// <summary>What there is to see, in a sentence or two, for those who do not see it; the title where left out.</summary>
    public string Description { get; init; } = string.Empty;

    /// <summary>The names of the columns.</summary>
    public required IReadOnlyList<string> Columns { get; init; }

    /// <summary>The names of the rows, from the top down.</summary>
    public required IReadOnlyList<string> Rows { get; init; }

    /// <summary>What the rows are; empty where their names say it.</summary>
    public string RowLabel { get; init; } = string.Empty;

    /// <summary>[rows][columns], from 0 to 1; null or NaN where there is nothing.</summary>
    public required IReadOnlyList<IReadOnlyList<double?>> Values { get; init; }

    /// <summary>The picture.</summary>
    /// <exception cref="InvalidOperationException">There are not as many values as cells.</exception>
    public string ToSvg()
    {
        if (Values.Count != Rows.Count || Values.Any(row => row.Count != Columns.Count))
        {
            throw new InvalidOperationException($"{Rows.Count} rows of {Columns.Count} values are needed.");
        }

        using var text = new StringWriter { NewLine = "\n" };
        var settings = new XmlWriterSettings { Indent = true, NewLineChars = "\n", OmitXmlDeclaration = true };
        using (var xml = XmlWriter.Create(text, settings))
        {
            new HeatMapDrawing(this, xml).Draw();
        }

        return text.ToString() + "\n";
    }

    /// <summary>The picture as a file in UTF-8.</summary>
    public byte[] ToBytes() => Encoding.UTF8.GetBytes(ToSvg());
}
