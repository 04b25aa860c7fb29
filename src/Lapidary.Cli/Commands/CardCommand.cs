using System.CommandLine;
using Lapidary.Checkpoints;
using Lapidary.Cli.CommandLine;
using Lapidary.Cli.Models;
using Lapidary.Cli.Output;
using Lapidary.Workbench.Recipes;
using Lapidary.Workbench.Reports.Cards;
using Lapidary.Workbench.Training;

namespace Lapidary.Cli.Commands;

/// <summary><c>lapidary card</c>: a model card from what was recorded and measured.</summary>
internal sealed class CardCommand : ToolCommand
{
    private readonly Argument<string> model = new Argument<string>("MODEL")
    {
        Description = "The folder of a model, of an adapter or of GGUF files, in which the card is written or refreshed.",
    }.As(OptionRole.Model);

    private readonly Option<string> output = Values.Text(
        "--output", "DIR", "Copy the model into this folder and write the card there.", "-o").As(OptionRole.Output);

    private readonly Option<string[]> add = Values.TextList("--add", "FILE", "Put this file, such as a quantized one, beside the model. May be repeated.").As(OptionRole.Path);
    private readonly Option<string[]> results = Values.TextList(
        "--results", "RESULTS", "Results of an evaluation of the base, of the model or of another one to compare. May be repeated.").As(OptionRole.Path);

    private readonly Option<string> baseModel = Values.Text(
        "--base", "NAME", "The model in the results that the others are compared with; the first where it is left out.");

    private readonly Option<string> title = Values.Text("--title", "TEXT", "The heading; the name of the folder where it is left out.");
    private readonly Option<string> license = Values.Text("--license", "ID", "The licence, such as gemma or apache-2.0; that of the base where it is left out.");
    private readonly Option<string> hubId = Values.Text("--hub-id", "ORG/NAME", "Where on the hub the model will be found.");
    private readonly Option<string[]> languages = Values.NameList("--language", "Languages, such as en,de; those of the base where they are left out.");
    private readonly Option<string[]> datasets = Values.NameList("--dataset", "Data sets, as hub ids.");
    private readonly Option<string[]> tags = Values.NameList("--tag", "Tags beside those that follow from the model.");

    public CardCommand()
        : base(
            "card",
            "Write or refresh a model card from what was recorded and measured.",
            "lapidary card tuned --results results/base --results results/tuned",
            "lapidary card tuned -o release --add tuned-Q4_K_M.gguf --license gemma --language en")
    {
        Arguments.Add(model);
        foreach (Option option in new Option[] { output, add, results, baseModel, title, license, hubId, languages, datasets, tags })
        {
            Options.Add(option);
        }
    }

    public override IReadOnlyList<string>? StepExtensions => [string.Empty];

    public override bool KeepsOutput => true;

    protected override void Execute(Invocation invocation)
    {
        string path = ModelLocator.Find(invocation.Get(model)!);
        string folder = invocation.Get(output) ?? path;
        string[] added = invocation.Get(add, []);
        if (added.FirstOrDefault(file => !File.Exists(file)) is { } missing)
        {
            throw RequestException.Expected(missing, "a file to add", "no such file");
        }

        if (invocation.Has(output))
        {
            OutputPath.CheckFolder(folder, overwrite: true, added.Prepend(path));
        }
        else if (File.Exists(path))
        {
            throw RequestException.Expected(path, "a folder, or --output for a single file", "a file");
        }

        Gather(path, folder, added, invocation.Cancellation);
        ModelCardResult written = ModelCard.Write(
            folder,
            new ModelCardOptions
            {
                Results = invocation.Get(results, []),
                Base = invocation.Get(baseModel),
                Title = invocation.Get(title),
                License = invocation.Get(license),
                HubId = invocation.Get(hubId),
                Languages = invocation.Get(languages, []),
                Datasets = invocation.Get(datasets, []),
                Tags = invocation.Get(tags, []),
                FindModel = Located,
            },
            invocation.Cancellation);
        foreach (string section in written.Edited)
        {
            Invocation.Log($"{written.Path}: the section '{section}' was changed by somebody and stays as it is; without its marks it is written anew");
        }

        string[] statements = written.Comparison is { } comparison
            ? [.. comparison.Models.Select(name => ModelCard.Statement(comparison, name))]
            : [];
        var result = new CardResult(written.Path, written.Files, written.Edited, statements);
        invocation.Present(result, ResultJson.Default.CardResult, report =>
        {
            foreach (string statement in statements)
            {
                report.Line(statement);
            }

            report.Line($"{written.Path}: with {string.Join(", ", written.Files.Skip(1))}");
        });
    }

    private static string? Located(string name)
    {
        try
        {
            return ModelLocator.Find(name);
        }
        catch (RequestException)
        {
            return null;
        }
    }

    // The files that are loaded with the model, what is put beside it, and the lineages of both.
    private static void Gather(string path, string folder, string[] added, CancellationToken cancellation)
    {
        string[] model = Path.GetFullPath(path) == Path.GetFullPath(folder) ? []
            : [.. ContentHash.FilesOf(path).Select(file => File.Exists(path) ? path : Path.Combine(path, file.Name)), Lineage.PathOf(path), Path.Combine(path, MetricsLog.FileName)];
        string[] files = [.. model.Concat(added.SelectMany(file => new[] { file, Lineage.PathOf(file) })).Where(File.Exists)];
        using var target = new OutputFolder(folder, overwrite: true);
        foreach (string file in files.Where(file => Path.GetFullPath(file) != Path.GetFullPath(Path.Combine(folder, Path.GetFileName(file)))))
        {
            cancellation.ThrowIfCancellationRequested();
            target.Copy(file);
        }

        target.Commit();
    }
}
