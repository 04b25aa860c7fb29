using System.Text;

namespace Lapidary.Workbench.Reports;

/// <summary>
/// The style sheet of a chart. Every colour is a variable with a value for light and one for dark surroundings. A series and its label have
/// one colour, whose contrast on the background is at least 4.5 to 1 (WCAG 2.2, 1.4.3).
/// </summary>
internal static class ChartStyle
{
    private static readonly (string Light, string Dark)[] Series =
    [
        ("#1f66c1", "#6cb0ff"), ("#c4510a", "#ffa25c"), ("#0d7d5e", "#4fd0a8"),
        ("#7b46b8", "#c09cff"), ("#b02a66", "#ff8fbb"), ("#5d5a52", "#c9c3b4"),
    ];

    /// <summary>How many colours there are; beyond, lines of the same colours are dashed.</summary>
    public static int ColorCount => Series.Length;

    /// <summary>The text of the <c>style</c> element. Names are prefixed: inside a web page they are seen by all of it.</summary>
    public static string Sheet()
    {
        var sheet = new StringBuilder();
        sheet.Append("\n.lapidary-chart{--surface:#ffffff;--ink:#1c2024;--muted:#5b6570;--grid:#e3e7eb;--axis:#9aa4ae");
        for (int i = 0; i < Series.Length; i++)
        {
            sheet.Append($";--series-{i}:{Series[i].Light}");
        }

        sheet.Append("}\n@media (prefers-color-scheme:dark){.lapidary-chart{");
        sheet.Append("--surface:#12161b;--ink:#e8ebee;--muted:#a3adb8;--grid:#2a3138;--axis:#5d6873");
        for (int i = 0; i < Series.Length; i++)
        {
            sheet.Append($";--series-{i}:{Series[i].Dark}");
        }

        sheet.Append("}}\n");
        sheet.Append(
            """
            .lapidary-chart{font:400 13px system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans","DejaVu Sans",sans-serif;max-width:100%;height:auto}
            .lapidary-chart text{fill:var(--muted)}
            .lapidary-chart .lapidary-title{fill:var(--ink);font-size:1.3em;font-weight:600}
            .lapidary-chart .lapidary-label{font-weight:600}
            .lapidary-chart .lapidary-surface{fill:var(--surface)}
            .lapidary-chart .lapidary-grid{stroke:var(--grid);fill:none}
            .lapidary-chart .lapidary-axis{stroke:var(--axis);fill:none}
            .lapidary-chart .lapidary-line{fill:none;stroke-width:2.2;stroke-linejoin:round;stroke-linecap:round}
            .lapidary-chart .lapidary-thin{fill:none;stroke-width:1;stroke-linejoin:round;opacity:.32}
            .lapidary-chart .lapidary-band{opacity:.16;stroke:none}
            .lapidary-chart .lapidary-dot{stroke:var(--surface);stroke-width:1.2}
            .lapidary-chart .lapidary-leader{stroke-width:1;opacity:.5;fill:none}

            """.ReplaceLineEndings("\n"));
        return sheet.ToString();
    }
}
