using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Lapidary.Text.Jinja;

namespace Lapidary.Workbench.Evaluation.Results;

/// <summary>The Markdown tables of an evaluation as lm-evaluation-harness prints them: all tasks, then the groups that aggregate.</summary>
public static class ResultsTable
{
    private static readonly string[] Headings = ["Tasks", "Version", "Filter", "n-shot", "Metric", "", "Value", "", "Stderr"];
    private static readonly bool[] IsRight = [false, true, false, true, false, false, true, false, true];

    /// <summary>The line about the run and the tables, each line ended.</summary>
    public static string Create(EvaluationResults results)
    {
        var text = new StringBuilder();
        RunInfo run = results.Run;
        text.Append(CultureInfo.InvariantCulture, $"{run.Model} ({PythonText.Str(run.ModelArguments)}), ")
            .Append(CultureInfo.InvariantCulture, $"gen_kwargs: ({PythonText.Str(run.GenerationArguments)}), ")
            .Append(CultureInfo.InvariantCulture, $"limit: {(run.Limit is double limit ? PythonNumber.Format(limit) : "None")}, ")
            .Append(CultureInfo.InvariantCulture, $"num_fewshot: {(run.FewShot is int shots ? shots : "None")}, ")
            .Append(CultureInfo.InvariantCulture, $"batch_size: {PythonText.Str(run.BatchSize)}\n");
        IReadOnlyList<(string Name, int Depth)> order = Order(results);
        var tasks = results.Tasks.ToDictionary(task => task.Name, StringComparer.Ordinal);
        var groups = results.Groups.ToDictionary(group => group.Name, StringComparer.Ordinal);
        Draw(text, "Tasks", [.. order.SelectMany(entry => groups.TryGetValue(entry.Name, out GroupResult? group)
            ? Rows(group, entry.Depth)
            : Rows(tasks[entry.Name], entry.Depth))]);
        if (results.Groups.Any(group => group.Metrics.Count > 0))
        {
            text.Append('\n');
            Draw(text, "Groups", [.. order.SelectMany(entry => groups.TryGetValue(entry.Name, out GroupResult? group) && group.Metrics.Count > 0
                ? Rows(group, entry.Depth)
                : [])]);
        }

        return text.ToString();
    }

    // Groups that are in no other, with everything below them, then what is left.
    private static List<(string Name, int Depth)> Order(EvaluationResults results)
    {
        var known = results.Tasks.Select(task => task.Name).Concat(results.Groups.Select(group => group.Name)).ToHashSet(StringComparer.Ordinal);
        var groups = results.Groups.ToDictionary(group => group.Name, StringComparer.Ordinal);
        var inner = results.Groups.SelectMany(group => group.Children.Where(child => child != group.Name)).ToHashSet(StringComparer.Ordinal);
        var order = new List<(string, int)>();
        var seen = new HashSet<string>(StringComparer.Ordinal);

        void Visit(string name, int depth)
        {
            // A group that contains itself is shown once.
            if (!known.Contains(name) || !seen.Add(name))
            {
                return;
            }

            order.Add((name, depth));
            if (groups.TryGetValue(name, out GroupResult? group) && depth < 64)
            {
                foreach (string child in group.Children.Order(StringComparer.Ordinal))
                {
                    Visit(child, depth + 1);
                }
            }
        }

        foreach (string name in groups.Keys.Where(name => !inner.Contains(name)).Order(StringComparer.Ordinal))
        {
            Visit(name, 0);
        }

        foreach (string name in known.Order(StringComparer.Ordinal))
        {
            Visit(name, 0);
        }

        return order;
    }

    private static IEnumerable<string[]> Rows(TaskResult task, int depth) =>
        Rows(task.Alias, depth, Version(task.Version), task.FewShot.ToString(CultureInfo.InvariantCulture), task.Metrics);

    private static IEnumerable<string[]> Rows(GroupResult group, int depth) => group.Metrics.Count > 0
        ? Rows(group.Alias, depth, Version(group.Version), string.Empty, group.Metrics)
        : [[Indented(group.Alias, depth), Version(group.Version), "", "", "", "", "", "", ""]];

    private static IEnumerable<string[]> Rows(string alias, int depth, string version, string fewShot, IReadOnlyList<MetricResult> metrics)
    {
        bool isFirst = true;
        foreach (MetricResult metric in metrics.OrderBy(metric => metric.Key, StringComparer.Ordinal))
        {
            yield return
            [
                isFirst ? Indented(alias, depth) : string.Empty,
                isFirst ? version : string.Empty,
                metric.Filter,
                fewShot,
                metric.Name,
                metric.HigherIsBetter switch { true => "\u2191", false => "\u2193", null => string.Empty },
                Number(metric.Value),
                "\u00B1",
                metric.StandardError is double error ? Number(error) : "N/A",
            ];
            isFirst = false;
        }
    }

    private static string Indented(string alias, int depth) => depth == 0 ? alias : new string(' ', depth) + "- " + alias;

    // As Python's "%.4f": a share such as 1/32 lies in the middle between two numbers of four decimals, and goes to the even one.
    private static string Number(double value) => PythonNumber.Fixed(value, 4);

    // A version of 1.0 is shown as 1.
    private static string Version(JsonNode? version)
    {
        string text = version is null ? string.Empty : PythonText.Str(version);
        return text.EndsWith(".0", StringComparison.Ordinal) ? text[..^2] : text;
    }

    private static void Draw(StringBuilder text, string first, IReadOnlyList<string[]> rows)
    {
        string[] headings = [first, .. Headings[1..]];
        int[] widths = [.. headings.Select((heading, column) => Math.Max(3, rows.Select(row => Cell(row[column]).Length).Append(heading.Length).Max()))];
        text.Append('|').AppendJoin('|', headings.Select((heading, column) => Centred(heading, widths[column]))).Append("|\n");
        text.Append('|').AppendJoin('|', widths.Select((width, column) => IsRight[column] ? new string('-', width - 1) + ":" : new string('-', width))).Append("|\n");
        foreach (string[] row in rows)
        {
            text.Append('|').AppendJoin('|', row.Select((cell, column) =>
                IsRight[column] ? Cell(cell).PadLeft(widths[column]) : Cell(cell).PadRight(widths[column]))).Append("|\n");
        }
    }

    // A name from a stranger's task file must not break the table.
    private static string Cell(string text) => text.AsSpan().IndexOfAny("|\n\r") < 0 ? text
        : text.Replace("|", "\\|", StringComparison.Ordinal).ReplaceLineEndings(" ");

    // As Python's str.center, which puts the odd space to the right where the width is even.
    private static string Centred(string text, int width)
    {
        int spaces = width - text.Length;
        int left = (spaces / 2) + (spaces & width & 1);
        return new string(' ', left) + text + new string(' ', spaces - left);
    }
}
