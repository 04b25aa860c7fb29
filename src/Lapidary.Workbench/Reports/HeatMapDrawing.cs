using System.Globalization;
using System.Xml;

namespace Lapidary.Workbench.Reports;

/// <summary>Draws a heat map: a cell for each value, the names around them, and below what the colours mean.</summary>
internal sealed class HeatMapDrawing(HeatMap map, XmlWriter xml)
{
    private const double CellWidth = 76;
    private const double CellHeight = 24;
    private const double Gap = 2;
    private const double Top = 96;
    private const double CharacterWidth = 7.2;
    private const double LegendWidth = 200;

    // The darkest that leaves the ink on it a contrast of 4.5 to 1, in light and in dark surroundings.
    private const double FullOpacity = 0.55;

    private readonly SvgElements svg = new(xml);
    private readonly double left = 28 + (Math.Max(map.RowLabel.Length, map.Rows.Select(row => row.Length).DefaultIfEmpty().Max()) * CharacterWidth);

    /// <summary>Writes the whole document.</summary>
    public void Draw()
    {
        double bottom = Top + (map.Rows.Count * CellHeight);
        double width = Math.Max(left + (map.Columns.Count * CellWidth) + 16, 32 + (Math.Max(map.Title.Length, map.Subtitle.Length) * CharacterWidth));
        svg.Begin(width, bottom + 58, map.Title, map.Description);
        svg.Text(16, 30, map.Title, ("class", "lapidary-title"));
        svg.Text(16, 51, map.Subtitle);
        svg.Text(left - 12, Top - 10, map.RowLabel, ("text-anchor", "end"));
        for (int column = 0; column < map.Columns.Count; column++)
        {
            svg.Text(left + ((column + 0.5) * CellWidth), Top - 10, map.Columns[column], ("text-anchor", "middle"), ("class", "lapidary-label"));
        }

        for (int row = 0; row < map.Rows.Count; row++)
        {
            svg.Text(left - 12, Top + ((row + 0.5) * CellHeight) + 4.5, map.Rows[row], ("text-anchor", "end"));
            for (int column = 0; column < map.Columns.Count; column++)
            {
                DrawCell(left + (column * CellWidth), Top + (row * CellHeight), map.Values[row][column]);
            }
        }

        DrawLegend(bottom + 18);
        svg.End();
    }

    private void DrawCell(double x, double y, double? value)
    {
        if (value is not double share || !double.IsFinite(share))
        {
            svg.Text(x + (CellWidth / 2), y + (CellHeight / 2) + 4.5, "\u2013", ("text-anchor", "middle"));
            return;
        }

        Fill(x, y, CellWidth, CellHeight, share);
        string text = (100 * share).ToString("0.0", CultureInfo.InvariantCulture);
        svg.Text(x + (CellWidth / 2), y + (CellHeight / 2) + 4.5, text, ("text-anchor", "middle"), ("style", "fill:var(--ink)"));
    }

    private void Fill(double x, double y, double width, double height, double share)
    {
        // A cell of nothing can still be seen.
        string opacity = (0.04 + ((FullOpacity - 0.04) * Math.Clamp(share, 0, 1))).ToString("0.###", CultureInfo.InvariantCulture);
        svg.Element(
            "rect",
            ("x", Number(x + (Gap / 2))),
            ("y", Number(y + (Gap / 2))),
            ("width", Number(width - Gap)),
            ("height", Number(height - Gap)),
            ("rx", "2"),
            ("style", $"fill:var(--series-0);fill-opacity:{opacity}"));
    }

    private void DrawLegend(double y)
    {
        const int Steps = 10;
        for (int i = 0; i <= Steps; i++)
        {
            Fill(left + (i * LegendWidth / (Steps + 1)), y, (LegendWidth / (Steps + 1)) + Gap, 14, (double)i / Steps);
        }

        svg.Text(left, y + 30, "0 %");
        svg.Text(left + LegendWidth, y + 30, "100 %", ("text-anchor", "end"));
    }

    private static string Number(double value) => ChartPath.Number(value);
}
