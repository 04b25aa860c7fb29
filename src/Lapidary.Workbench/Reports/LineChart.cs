using System.Text;
using System.Xml;

namespace Lapidary.Workbench.Reports;

/// <summary>
/// A chart of lines as one self-contained SVG: no script, no font and no file from elsewhere; readable on light and on dark surroundings,
/// which its own style sheet tells apart; with a title and a description for those who do not see it; its text scales with it.
/// </summary>
public sealed class LineChart
{
    /// <summary>What the chart shows, above it.</summary>
    public required string Title { get; init; }

    /// <summary>A line below the title; empty for none.</summary>
    public string Subtitle { get; init; } = string.Empty;

    /// <summary>What there is to see, in a sentence or two, for those who do not see it; the title where left out.</summary>
    public string Description { get; init; } = string.Empty;

    /// <summary>What the horizontal axis shows, with its unit.</summary>
    public required string XLabel { get; init; }

    /// <summary>Whether the horizontal axis is logarithmic; points at positions that are not positive are then left out.</summary>
    public bool LogarithmicX { get; init; }

    /// <summary>The plots, from the top down.</summary>
    public required IReadOnlyList<ChartPanel> Panels { get; init; }

    /// <summary>Natural width in pixels; the picture can be shown at any size.</summary>
    public double Width { get; init; } = 820;

    /// <summary>The picture.</summary>
    public string ToSvg()
    {
        using var text = new StringWriter { NewLine = "\n" };
        var settings = new XmlWriterSettings { Indent = true, NewLineChars = "\n", OmitXmlDeclaration = true };
        using (var xml = XmlWriter.Create(text, settings))
        {
            new LineChartDrawing(this, xml).Draw();
        }

        return text.ToString() + "\n";
    }

    /// <summary>The picture as a file in UTF-8.</summary>
    public byte[] ToBytes() => Encoding.UTF8.GetBytes(ToSvg());
}
