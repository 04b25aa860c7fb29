using System.CommandLine;
using System.Diagnostics;
using System.Text;
using Lapidary.Cli.CommandLine;
using Lapidary.Cli.Commands.Recipes;
using Lapidary.Cli.Output;
using Lapidary.Workbench.Recipes;
using Lapidary.Workbench.Reports.Runs;

namespace Lapidary.Cli.Commands;

/// <summary><c>lapidary make</c>: runs a recipe, using again what is done.</summary>
internal sealed class MakeCommand : ToolCommand
{
    private readonly Argument<string> recipe = new Argument<string>("RECIPE")
    {
        Description = "A YAML file, or the name of a recipe that comes along.",
        Arity = ArgumentArity.ZeroOrOne,
    }.As(OptionRole.Path);

    private readonly Option<string> output = Values.Text(
        "--output", "DIR", "The folder of the run; where it is left out, the recipe's name in the current folder.", "-o").As(OptionRole.Output);

    private readonly Option<string[]> variables = Values.TextList("--set", "NAME=VALUE", "Give a variable of the recipe another value. May be repeated.");
    private readonly Option<bool> dryRun = new Option<bool>("--dry-run")
    {
        Description = "Check the recipe, show what would be done, and stop.",
    }.As(OptionRole.LookOnly);

    private readonly Option<bool> schema = new Option<bool>("--schema")
    {
        Description = "Print the JSON schema of recipes, for editors.",
    }.As(OptionRole.LookOnly);

    private readonly Option<string> lineage = Values.Text(
        "--from-lineage", "ARTEFACT", "Make a model, an adapter or a file again from its lineage, and say whether it comes out the same.").As(OptionRole.LookOnly);

    private readonly Option<bool> overwrite = CommonOptions.Overwrite();

    public MakeCommand()
        : base(
            "make",
            "Run a recipe: named steps from a base model to what is shipped.",
            "lapidary make first-cut",
            "lapidary make my-recipe.yaml -o run --set base=google/gemma-3-270m",
            "lapidary make my-recipe.yaml --dry-run")
    {
        Arguments.Add(recipe);
        foreach (Option option in new Option[] { output, variables, dryRun, lineage, schema, overwrite })
        {
            Options.Add(option);
        }
    }

    protected override void Execute(Invocation invocation)
    {
        StepCatalog catalog = CommandCatalog.Create();
        if (invocation.Get(schema))
        {
            invocation.Write(RecipeSchema.Create(catalog), ResultJson.Default.JsonObject);
            return;
        }

        if (invocation.Get(lineage) is { } artefact)
        {
            Rebuild(invocation, artefact, catalog);
            return;
        }

        string name = invocation.Get(recipe) ?? throw RequestException.Expected(Name, "a recipe", "none");
        string path = RecipeLocator.Find(name);
        Recipe read = RecipeReader.Read(path, catalog, ReadVariables(invocation));
        string folder = invocation.Get(output) ?? Path.GetFileNameWithoutExtension(path);
        var run = new RecipeRun(read, catalog, folder);
        if (invocation.Get(dryRun))
        {
            Present(invocation, read, folder, [.. run.Plan().Select(Result)], null);
            return;
        }

        var watch = Stopwatch.StartNew();
        invocation.Kept = $"the steps that are done are kept in {folder}; the same command goes on";
        IReadOnlyList<StepOutcome> outcomes = run.Run(Begin, null, invocation.Get(overwrite), invocation.Cancellation);
        string page = RunReport.Write(read, outcomes, folder);
        Present(invocation, read, folder, [.. outcomes.Select(Result)], watch.Elapsed, page);
    }

    private void Rebuild(Invocation invocation, string artefact, StepCatalog catalog)
    {
        if (invocation.Get(recipe) is not null)
        {
            throw RequestException.Expected("--from-lineage", "a recipe or a lineage", "both");
        }

        string folder = invocation.Get(output) ?? Path.TrimEndingDirectorySeparator(artefact) + "-rebuilt";
        RebuiltArtefact made = LineageRebuild.Run(artefact, catalog, folder, line => Invocation.Log("lapidary " + string.Join(' ', line)));
        LineageProgram now = LineageProgram.Current(made.Lineage.Program.ResultVersion), then = made.Lineage.Program;
        var result = new RebuildResult(artefact, made.Path, made.IsIdentical, made.Remade, made.Files);
        invocation.Present(result, ResultJson.Default.RebuildResult, report =>
        {
            report.Table(
                ["file", "same", "expected", "found"],
                made.Files.Select(file => new[] { file.Name, file.IsIdentical ? "yes" : "no", file.Expected?[..16] ?? "none", file.Found?[..16] ?? "none" }));
            report.Line();
            report.Line($"{made.Path}: {(made.IsIdentical ? "bit-identical" : "not the same")}");
        });
        if (!made.IsIdentical)
        {
            string why = now.InstructionSet != then.InstructionSet ? $"; it was made with {then.InstructionSet}, this machine has {now.InstructionSet}"
                : now.Version != then.Version ? $"; it was made by version {then.Version}, this is {now.Version}" : string.Empty;
            throw new IOException($"{made.Path}: came out otherwise than {artefact}{why}");
        }
    }

    private static void Begin(StepPlan plan)
    {
        var line = new StringBuilder($"{plan.Step.Name}: {plan.Step.Command.Name}");
        line.Append(plan.Action switch
        {
            StepAction.Reuse => ", done already",
            StepAction.Resume => ", goes on",
            _ => string.Empty,
        });
        if (plan.Reason.Length > 0)
        {
            line.Append(", because ").Append(plan.Reason);
        }

        Invocation.Log(line.ToString());
    }

    private static MakeStepResult Result(StepPlan plan) => new(
        plan.Step.Name,
        plan.Step.Command.Name,
        plan.Action.ToString().ToLowerInvariant(),
        plan.Reason.Length > 0 ? plan.Reason : null,
        plan.Seconds,
        plan.Step.Outputs,
        null,
        null);

    private static MakeStepResult Result(StepOutcome outcome) => new(
        outcome.Step.Name,
        outcome.Step.Command.Name,
        outcome.Action.ToString().ToLowerInvariant(),
        null,
        outcome.Seconds,
        outcome.Step.Outputs,
        outcome.Bytes,
        outcome.Sha256);

    private static void Present(Invocation invocation, Recipe recipe, string folder, IReadOnlyList<MakeStepResult> steps, TimeSpan? elapsed, string? page = null)
    {
        var result = new MakeResult(recipe.Path, folder, elapsed is null, page, steps, elapsed?.TotalSeconds ?? 0);
        invocation.Present(result, ResultJson.Default.MakeResult, report =>
        {
            report.Table(
                ["step", "command", "action", ">time", ">size", "output"],
                steps.Select(step => new[]
                {
                    step.Name,
                    step.Command,
                    step.Reason is null ? step.Action : $"{step.Action}: {step.Reason}",
                    step.Seconds is double seconds ? Units.Time(TimeSpan.FromSeconds(seconds)) : string.Empty,
                    step.Bytes is long bytes ? Units.Bytes(bytes) : string.Empty,
                    string.Join(", ", step.Outputs),
                }));
            report.Line();
            report.Line(elapsed is TimeSpan time ? $"{folder}: {steps.Count} steps, {Units.Time(time)}; {page} shows them" : $"{folder}: {steps.Count} steps, nothing was run");
        });
    }

    private Dictionary<string, string> ReadVariables(Invocation invocation)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string text in invocation.Get(variables, []))
        {
            int sign = text.IndexOf('=', StringComparison.Ordinal);
            if (sign <= 0 || !values.TryAdd(text[..sign], text[(sign + 1)..]))
            {
                throw RequestException.Expected("--set", "NAME=VALUE, each name once", Quote.Text(text));
            }
        }

        return values;
    }
}
