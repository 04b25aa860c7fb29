using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Lapidary.Checkpoints;
using Lapidary.Workbench.Recipes;
using Markdig;

namespace Lapidary.Workbench.Reports.Runs;

/// <summary>
/// The page at the end of a run: the steps as a picture, curves, comparisons, answers side by side, sizes and speeds, cards. One file that needs
/// no network, readable in light and dark.
/// </summary>
public sealed class RunReport
{
    /// <summary>The name of the page in the folder of the run.</summary>
    public const string FileName = "report.html";

    private static readonly MarkdownPipeline Markdown = new MarkdownPipelineBuilder().UsePipeTables().UseYamlFrontMatter().DisableHtml().Build();

    private readonly Recipe recipe;
    private readonly IReadOnlyList<StepOutcome> outcomes;
    private readonly string folder;
    private readonly StringBuilder page = new();

    private RunReport(Recipe recipe, IReadOnlyList<StepOutcome> outcomes, string folder)
    {
        this.recipe = recipe;
        this.outcomes = outcomes;
        this.folder = folder;
    }

    /// <summary>Writes the page.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="outcomes">What became of its steps.</param>
    /// <param name="folder">The folder of the run.</param>
    /// <returns>The path of the page.</returns>
    /// <exception cref="CheckpointException">It cannot be written.</exception>
    public static string Write(Recipe recipe, IReadOnlyList<StepOutcome> outcomes, string folder)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentNullException.ThrowIfNull(outcomes);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        string text = new RunReport(recipe, outcomes, folder).Create();
        using var output = new OutputFolder(folder, overwrite: true);
        output.Write(FileName, Encoding.UTF8.GetBytes(text));
        output.Commit();
        return Path.Combine(folder, FileName);
    }

    private string Create()
    {
        page.Append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
            .Append("<title>").Append(Text(recipe.Title)).Append("</title>\n<style>").Append(RunReportStyle.Sheet).Append("</style>\n</head>\n<body>\n<main>\n")
            .Append("<h1>").Append(Text(recipe.Title)).Append("</h1>\n");
        if (recipe.Description.Length > 0)
        {
            page.Append("<p class=\"lead\">").Append(Text(recipe.Description)).Append("</p>\n");
        }

        page.Append("<figure>").Append(Pipeline().ToSvg()).Append("</figure>\n");
        Steps();
        Comparisons();
        Answers();
        Curves();
        Sizes();
        Cards();
        return page.Append("</main>\n</body>\n</html>\n").ToString();
    }

    private PipelineChart Pipeline()
    {
        string[] commands = [.. outcomes.Select(outcome => outcome.Step.Command.Name).Distinct()];
        return new PipelineChart([.. outcomes.Select(outcome => new PipelineStep(
            outcome.Step.Name,
            $"{outcome.Step.Command.Name} \u00B7 {Seconds(outcome.Seconds)} \u00B7 {ByteSize.Text(outcome.Bytes)}",
            outcome.Step.Needs,
            Array.IndexOf(commands, outcome.Step.Command.Name)))]);
    }

    private void Steps()
    {
        page.Append("<h2>Steps</h2>\n<table>\n<tr><th>step<th>command<th class=\"n\">time<th class=\"n\">size<th>content (SHA-256)</tr>\n");
        foreach (StepOutcome outcome in outcomes)
        {
            string options = string.Join(' ', outcome.Step.Settings.SelectMany(setting => RecipeText.Arguments(setting, Named)));
            page.Append("<tr><td>").Append(Text(outcome.Step.Name)).Append("<td><code>").Append(Text($"{outcome.Step.Command.Name} {options}"))
                .Append("</code><td class=\"n\">").Append(Seconds(outcome.Seconds)).Append("<td class=\"n\">").Append(ByteSize.Text(outcome.Bytes))
                .Append("<td><code>").Append(outcome.Sha256.AsSpan(0, 16)).Append("</code></tr>\n");
        }

        page.Append("</table>\n");
    }

    private void Comparisons()
    {
        foreach (StepOutcome outcome in Of("compare"))
        {
            page.Append("<h2>Comparison: ").Append(Text(outcome.Step.Name)).Append("</h2>\n");
            Drawing(Path.Combine(folder, outcome.Step.Name + ".svg"));
            string table = Path.Combine(folder, outcome.Step.Name + ".md");
            if (File.Exists(table))
            {
                page.Append("<div class=\"wide\">").Append(Markdig.Markdown.ToHtml(File.ReadAllText(table), Markdown)).Append("</div>\n");
            }
        }
    }

    private void Answers()
    {
        RecipeStep[] evaluations = [.. Of("eval").Select(outcome => outcome.Step)];
        foreach (IGrouping<string, AnsweredQuestion> task in AnswerTable.Read(folder, evaluations).GroupBy(question => question.Task))
        {
            RecipeStep[] columns = [.. evaluations.Where(step => task.Any(question => question.Answers.ContainsKey(step.Name)))];
            page.Append("<h2>Answers: ").Append(Text(task.Key)).Append("</h2>\n<p>The first questions of the task, not chosen.</p>\n<div class=\"wide\"><table>\n<tr><th>prompt<th>wanted");
            foreach (RecipeStep step in columns)
            {
                page.Append("<th>").Append(Text(step.Name));
            }

            page.Append("</tr>\n");
            foreach (AnsweredQuestion question in task)
            {
                page.Append("<tr><td class=\"text\">").Append(Text(question.Question)).Append("<td class=\"text\">").Append(Text(question.Target));
                foreach (RecipeStep step in columns)
                {
                    page.Append("<td class=\"text\">").Append(Text(question.Answers.GetValueOrDefault(step.Name, string.Empty)));
                }

                page.Append("</tr>\n");
            }

            page.Append("</table></div>\n");
        }
    }

    private void Curves()
    {
        StepOutcome[] runs = [.. outcomes.Where(outcome => File.Exists(Path.Combine(folder, outcome.Step.Outputs[0], LossChart.FileName)) && outcome.Step.Command.Name != "card")];
        foreach (StepOutcome outcome in runs)
        {
            page.Append("<h2>Training: ").Append(Text(outcome.Step.Name)).Append("</h2>\n");
            Drawing(Path.Combine(folder, outcome.Step.Outputs[0], LossChart.FileName));
        }
    }

    private void Sizes()
    {
        var rows = new StringBuilder();
        foreach (StepOutcome outcome in outcomes)
        {
            JsonObject document = StepDocument.Read(folder, outcome.Step);
            double? prompt = StepDocument.Number(document, "performance", "prompt_tokens_per_second");
            double? generation = StepDocument.Number(document, "performance", "generated_tokens_per_second");
            double? bits = StepDocument.Number(document, "bits_per_weight");
            if (prompt is null && bits is null)
            {
                continue;
            }

            rows.Append("<tr><td>").Append(Text(outcome.Step.Name)).Append("<td>").Append(Text(outcome.Step.Command.Name))
                .Append("<td class=\"n\">").Append(bits is null ? string.Empty : ByteSize.Text(outcome.Bytes))
                .Append("<td class=\"n\">").Append(Shown(bits, "0.00"))
                .Append("<td class=\"n\">").Append(Shown(prompt, "#,0"))
                .Append("<td class=\"n\">").Append(Shown(generation, "#,0")).Append("</tr>\n");
        }

        if (rows.Length > 0)
        {
            page.Append("<h2>Sizes and speeds</h2>\n<p>Speeds are those of the evaluations on this machine, with several requests at a time.</p>\n<table>\n<tr><th>step<th>command<th class=\"n\">size<th class=\"n\">bits per weight<th class=\"n\">prompt tokens/s<th class=\"n\">generated tokens/s</tr>\n")
                .Append(rows).Append("</table>\n");
        }
    }

    private void Cards()
    {
        foreach (StepOutcome outcome in Of("card"))
        {
            string card = Path.Combine(folder, outcome.Step.Outputs[0], "README.md");
            if (File.Exists(card))
            {
                page.Append("<h2>Card: ").Append(Text(outcome.Step.Name)).Append("</h2>\n<details>\n<summary>The model card</summary>\n<article>")
                    .Append(Markdig.Markdown.ToHtml(WithoutMarks(File.ReadAllText(card)), Markdown)).Append("</article>\n</details>\n");
            }
        }
    }

    // Marks are for programs, and pictures of the card stand in this page already.
    private static string WithoutMarks(string card) => string.Join('\n', card.Split('\n').Where(line =>
        !line.StartsWith("<!-- lapidary:", StringComparison.Ordinal) && !line.StartsWith("![", StringComparison.Ordinal)));

    private void Drawing(string path)
    {
        if (File.Exists(path))
        {
            page.Append("<figure>").Append(File.ReadAllText(path)).Append("</figure>\n");
        }
    }

    private IEnumerable<StepOutcome> Of(string command) => outcomes.Where(outcome => outcome.Step.Command.Name == command);

    // Outputs by the names of their steps, files as the recipe has them.
    private string Named(string value)
    {
        string named = RecipeText.Expand(value, name => name) ?? value;
        string beside = Path.GetDirectoryName(recipe.Path) + Path.DirectorySeparatorChar;
        return beside.Length > 1 ? named.Replace(beside, string.Empty, StringComparison.Ordinal) : named;
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);

    private static string Shown(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? string.Empty;

    private static string Seconds(double seconds) => seconds < 60
        ? seconds.ToString("0.0", CultureInfo.InvariantCulture) + " s"
        : string.Create(CultureInfo.InvariantCulture, $"{(int)seconds / 60} min {(int)seconds % 60} s");
}
