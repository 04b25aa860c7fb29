using System.Globalization;
using System.Text;

namespace Lapidary.Workbench.Reports;

/// <summary>
/// The path of a line in pixels. Of all points in one column of pixels only the first, the lowest, the highest and the last are drawn, in
/// their order: the picture is the same and its size is bounded by its width (Jugel and others 2014, "M4").
/// </summary>
internal sealed class ChartPath
{
    private readonly StringBuilder path = new();
    private readonly List<(double X, double Y)> column = new(4);
    private double highest;
    private double lowest;
    private int highestAt;
    private int lowestAt;
    private int seen;
    private int columnIndex = int.MinValue;
    private (double X, double Y) latest;
    private int drawn;
    private bool broken;

    /// <summary>Adds a point, which must not lie left of the one before.</summary>
    public void Add(double x, double y)
    {
        int index = (int)Math.Floor(x);
        if (index != columnIndex)
        {
            EndColumn();
            columnIndex = index;
            if (broken)
            {
                EndLine();
            }
        }

        broken = false;
        if (seen == 0)
        {
            column.Add((x, y));
            (highest, lowest, highestAt, lowestAt) = (y, y, 0, 0);
        }
        else if (y < highest)
        {
            (highest, highestAt) = (y, seen);
        }
        else if (y > lowest)
        {
            (lowest, lowestAt) = (y, seen);
        }

        latest = (x, y);
        seen++;
    }

    /// <summary>Lifts the pen: the next point begins a new line, unless the gap would be narrower than a pixel.</summary>
    public void Break() => broken = true;

    /// <summary>The value of the attribute <c>d</c>; empty if there was no point.</summary>
    public override string ToString()
    {
        EndColumn();
        EndLine();
        return path.ToString();
    }

    private void EndColumn()
    {
        if (seen == 0)
        {
            return;
        }

        Draw(column[0]);
        double middle = column[0].X;
        bool highestFirst = highestAt < lowestAt;
        (int first, double firstY, int second, double secondY) = highestFirst
            ? (highestAt, highest, lowestAt, lowest)
            : (lowestAt, lowest, highestAt, highest);
        if (first > 0 && first < seen - 1)
        {
            Draw((middle, firstY));
        }

        if (second > 0 && second < seen - 1)
        {
            Draw((middle, secondY));
        }

        if (seen > 1)
        {
            Draw(latest);
        }

        column.Clear();
        seen = 0;
    }

    // With round caps a line of no length is a dot; a move alone would not be seen.
    private void EndLine()
    {
        if (drawn == 1)
        {
            path.Append("h0");
        }

        drawn = 0;
    }

    private void Draw((double X, double Y) point)
    {
        path.Append(drawn == 0 ? 'M' : 'L').Append(Number(point.X)).Append(' ').Append(Number(point.Y));
        drawn++;
    }

    /// <summary>A coordinate, to a tenth of a pixel.</summary>
    public static string Number(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);
}
