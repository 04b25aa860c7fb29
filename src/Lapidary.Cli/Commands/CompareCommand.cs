using System.CommandLine;
using System.Text;
using Lapidary.Checkpoints;
using Lapidary.Cli.CommandLine;
using Lapidary.Cli.Models;
using Lapidary.Cli.Output;
using Lapidary.Workbench.Evaluation.Comparison;

namespace Lapidary.Cli.Commands;

/// <summary><c>lapidary compare</c>: what the difference between evaluations is worth.</summary>
internal sealed class CompareCommand : ToolCommand
{
    private readonly Argument<string[]> results = new Argument<string[]>("RESULTS")
    {
        Description = "Results of two or more models: folders, results_*.json, samples_*.jsonl, or files of counts.",
        Arity = ArgumentArity.ZeroOrMore,
    }.As(OptionRole.Path);

    private readonly Option<string> baseModel = Values.Text(
        "--base", "NAME", "The model that the others are compared with, by its name or its path; the first where it is left out.");

    private readonly Option<string[]> metrics = Values.NameList("--metric", "Compare these metrics only.");
    private readonly Option<string[]> tasks = Values.NameList("--tasks", "Compare these tasks only.");

    private readonly Option<double> alpha = Values.Number(
        "--alpha", "Level of the corrected p-value below which a change is called one.", 0.05, IsShare, "a number between 0 and 1");

    private readonly Option<bool> unpaired = new("--unpaired") { Description = "Leave samples aside and compare counts, as where there are no samples." };

    private readonly Option<bool> calibration = new("--calibration")
    {
        Description = "Show as well how far probabilities of choices tell whether they are right; a chart is then that of reliability.",
    };

    private readonly Option<int> resamples = Values.Integer(
        "--resamples", "Resamples of the bootstrap and of the permutation test.", 100, 1_000_000, 10_000);

    private readonly Option<long> seed = CommonOptions.Seed();
    private readonly Option<int> threads = CommonOptions.Threads();
    private readonly Option<string[]> output = Values.TextList("--output", "FILE", "Write the table (.md) or the chart (.svg); may be given twice.").As(OptionRole.Presentation);

    public CompareCommand()
        : base(
            "compare",
            "Compare evaluations with intervals and corrected p-values.",
            "lapidary compare results/base results/tuned",
            "lapidary compare results/* --base base --metric acc -o changes.svg -o changes.md",
            "lapidary compare card-base.json card-pruned.json --json")
    {
        output.Aliases.Add("-o");
        Arguments.Add(results);
        Options.Add(baseModel);
        Options.Add(metrics);
        Options.Add(tasks);
        Options.Add(alpha);
        Options.Add(unpaired);
        Options.Add(calibration);
        Options.Add(resamples);
        Options.Add(seed);
        Options.Add(threads);
        Options.Add(output);
    }

    public override IReadOnlyList<string>? StepExtensions => [".md", ".svg"];

    protected override void Execute(Invocation invocation)
    {
        string[] paths = invocation.Get(results) ?? [];
        if (paths.Length < 2)
        {
            throw RequestException.Expected("compare", "results of two or more models", paths.Length == 0 ? "none" : $"only {Quote.Text(paths[0])}");
        }

        string[] files = invocation.Get(output, []);
        foreach (string file in files)
        {
            OutputPath.CheckFile(file, paths);
            if (!IsTable(file) && !IsChart(file))
            {
                throw RequestException.Expected(file, "a name that ends in .svg or .md", "another one");
            }
        }

        ComparisonResult comparison = ModelComparison.Compare(paths, Request(invocation), invocation.Cancellation);
        bool calibrates = invocation.Get(calibration);
        if (calibrates && comparison.Calibrations.Count == 0)
        {
            throw RequestException.Expected("--calibration", "samples of a task with choices", "none");
        }

        foreach (string file in files)
        {
            Write(file, !IsChart(file) ? Encoding.UTF8.GetBytes(ComparisonTable.Markdown(comparison, calibrates))
                : calibrates ? CalibrationComparison.Plot(comparison.Calibrations).ToBytes()
                : ComparisonChart.Create(comparison).ToBytes());
            invocation.Kept = $"{file} was written";
        }

        invocation.Present(
            CompareReport.Of(comparison, files, calibrates),
            ResultJson.Default.CompareResult,
            report => CompareReport.Draw(report, comparison, files, calibrates));
    }

    private ComparisonOptions Request(Invocation invocation) => new()
    {
        Base = invocation.Get(baseModel),
        Metrics = invocation.Get(metrics, []),
        Tasks = invocation.Get(tasks, []),
        Alpha = invocation.Get(alpha),
        Unpaired = invocation.Get(unpaired),
        Resamples = invocation.Get(resamples),
        Seed = (ulong)invocation.Get(seed),
        Threads = invocation.Get(threads),
    };

    private static void Write(string path, byte[] content)
    {
        string full = Path.GetFullPath(path);
        using var folder = new OutputFolder(Path.GetDirectoryName(full)!, overwrite: true);
        folder.Write(Path.GetFileName(full), content);
        folder.Commit();
    }

    private static bool IsChart(string path) => path.EndsWith(".svg", StringComparison.OrdinalIgnoreCase);

    private static bool IsTable(string path) => path.EndsWith(".md", StringComparison.OrdinalIgnoreCase);

    private static bool IsShare(double value) => value is > 0 and < 1;
}
