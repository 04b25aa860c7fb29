using System.Text;
using System.Xml;

namespace Lapidary.Workbench.Reports.Runs;

/// <summary>The steps of a run as a picture: what was made from what.</summary>
/// <param name="Steps">The steps, each behind those that it needs.</param>
public sealed record PipelineChart(IReadOnlyList<PipelineStep> Steps)
{
    private const double BoxWidth = 190;
    private const double BoxHeight = 58;
    private const double GapX = 56;
    private const double GapY = 22;
    private const double Margin = 20;
    private const double TitleHeight = 44;

    /// <summary>What stands above it.</summary>
    public string Title { get; init; } = "What was made from what";

    /// <summary>The picture.</summary>
    public string ToSvg()
    {
        using var text = new StringWriter { NewLine = "\n" };
        var settings = new XmlWriterSettings { Indent = true, NewLineChars = "\n", OmitXmlDeclaration = true };
        using (var xml = XmlWriter.Create(text, settings))
        {
            Draw(new SvgElements(xml));
        }

        return text + "\n";
    }

    /// <summary>The picture as a file in UTF-8.</summary>
    public byte[] ToBytes() => Encoding.UTF8.GetBytes(ToSvg());

    private void Draw(SvgElements svg)
    {
        Dictionary<string, int> columns = Columns();
        var places = new Dictionary<string, (double X, double Y)>(StringComparer.Ordinal);
        foreach (IGrouping<int, PipelineStep> column in Steps.GroupBy(step => columns[step.Name]))
        {
            int row = 0;
            foreach (PipelineStep step in column)
            {
                places[step.Name] = (Margin + (column.Key * (BoxWidth + GapX)), TitleHeight + Margin + (row++ * (BoxHeight + GapY)));
            }
        }

        double width = places.Count == 0 ? 400 : places.Values.Max(place => place.X) + BoxWidth + Margin;
        double height = places.Count == 0 ? 100 : places.Values.Max(place => place.Y) + BoxHeight + Margin;
        string description = string.Join("; ", Steps.Select(step => step.Needs.Count == 0 ? step.Name : $"{step.Name} from {string.Join(", ", step.Needs)}"));
        svg.Begin(width, height, Title, description);
        svg.Text(Margin, 30, Title, ("class", "lapidary-title"));
        foreach (PipelineStep step in Steps)
        {
            foreach (string need in step.Needs.Where(places.ContainsKey))
            {
                Arrow(svg, places[need], places[step.Name]);
            }
        }

        foreach (PipelineStep step in Steps)
        {
            Box(svg, step, places[step.Name]);
        }

        svg.End();
    }

    // A step stands behind the last of those that it needs, and right before the first that needs it: so lines cross few boxes.
    private Dictionary<string, int> Columns()
    {
        var columns = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (PipelineStep step in Steps)
        {
            columns[step.Name] = step.Needs.Select(need => columns.GetValueOrDefault(need, -1) + 1).DefaultIfEmpty(0).Max();
        }

        foreach (PipelineStep step in Steps.Reverse())
        {
            columns[step.Name] = Steps.Where(other => other.Needs.Contains(step.Name)).Select(other => columns[other.Name] - 1).DefaultIfEmpty(columns[step.Name]).Min();
        }

        return columns;
    }

    private static void Arrow(SvgElements svg, (double X, double Y) from, (double X, double Y) to)
    {
        double x1 = from.X + BoxWidth, y1 = from.Y + (BoxHeight / 2), x2 = to.X - 6, y2 = to.Y + (BoxHeight / 2);
        double bend = Math.Min(GapX, (x2 - x1) / 2);
        string dx = ChartPath.Number(x2 - x1), dy = ChartPath.Number(y2 - y1);
        string path = $"M{ChartPath.Number(x1)} {ChartPath.Number(y1)} c{ChartPath.Number(bend)} 0 {ChartPath.Number(x2 - x1 - bend)} {dy} {dx} {dy}";
        svg.Element("path", ("class", "lapidary-axis"), ("d", path), ("stroke-width", "1.4"));
        svg.Element(
            "path", ("d", $"M{ChartPath.Number(x2 + 6)} {ChartPath.Number(y2)} l-7 -4 v8 z"), ("style", "fill:var(--axis)"));
    }

    private static void Box(SvgElements svg, PipelineStep step, (double X, double Y) place)
    {
        svg.Element(
            "rect",
            ("x", ChartPath.Number(place.X)),
            ("y", ChartPath.Number(place.Y)),
            ("width", ChartPath.Number(BoxWidth)),
            ("height", ChartPath.Number(BoxHeight)),
            ("rx", "8"),
            ("style", $"fill:var(--surface);stroke:var(--series-{step.Series % ChartStyle.ColorCount});stroke-width:1.6"));
        svg.Text(place.X + 12, place.Y + 24, Short(step.Name, 24), ("class", "lapidary-label"), ("style", "fill:var(--ink)"));
        svg.Text(place.X + 12, place.Y + 44, Short(step.Detail, 28));
    }

    private static string Short(string text, int length) => text.Length <= length ? text : string.Concat(text.AsSpan(0, length - 1), "\u2026");
}
