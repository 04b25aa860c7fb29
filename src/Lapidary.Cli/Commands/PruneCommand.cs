using System.CommandLine;
using Lapidary.Checkpoints;
using Lapidary.Cli.CommandLine;
using Lapidary.Cli.Commands.Pruning;
using Lapidary.Cli.Models;
using Lapidary.Cli.Output;
using Lapidary.Workbench.Compression;

namespace Lapidary.Cli.Commands;

/// <summary><c>lapidary prune</c>: a model with weights, layers, neurons, heads or channels taken out.</summary>
internal sealed class PruneCommand : ToolCommand
{
    private static readonly string[] KnownMethods = [.. UnstructuredPruningInput.Methods.Keys, .. StructuredPruningInput.Methods];

    private readonly Argument<string> model = CommonOptions.Model();
    private readonly Option<string> output = Values.Text("--output", "DIR", "The Hugging Face folder to write: new or empty; not needed with --report.", "-o").As(OptionRole.Output);
    private readonly Option<string> method = Values.Text(
        "--method",
        string.Join('|', KnownMethods),
        "magnitude, wanda and sparsegpt set weights to 0; depth leaves layers out, width makes all of them narrower. All but magnitude look at --file.");

    private readonly Option<bool> reportOnly = new Option<bool>("--report")
    {
        Description = "Show what is 0 in MODEL, pruned or not, and write nothing.",
    }.As(OptionRole.LookOnly);

    private readonly UnstructuredPruningInput unstructured = new();
    private readonly StructuredPruningInput structured = new();
    private readonly CalibrationInput calibration = new();
    private readonly Option<int> threads = CommonOptions.Threads();
    private readonly Option<bool> overwrite = CommonOptions.Overwrite();

    public PruneCommand()
        : base(
            "prune",
            "Take weights out of a model, or whole layers, neurons, heads and channels.",
            "lapidary prune google/gemma-3-270m -o gemma-half --method magnitude --sparsity 0.5",
            "lapidary prune google/gemma-3-270m -o gemma-half --method wanda --sparsity 0.5 -f calibration.txt --chunks 128",
            "lapidary prune google/gemma-3-270m -o gemma-2-4 --method sparsegpt --pattern 2:4 -f calibration.txt",
            "lapidary prune google/gemma-3-270m -o shallow --method depth --layers 14 -f calibration.txt",
            "lapidary prune google/gemma-3-270m -o narrow --method width --ffn 1536 --hidden 512 -f calibration.txt",
            "lapidary prune gemma-half --report")
    {
        Arguments.Add(model);
        Options.Add(output);
        Options.Add(method);
        unstructured.AddTo(this);
        structured.AddTo(this);
        calibration.AddTo(this);
        Options.Add(reportOnly);
        Options.Add(threads);
        Options.Add(overwrite);
    }

    public override IReadOnlyList<string>? StepExtensions => [string.Empty];

    protected override void Execute(Invocation invocation)
    {
        string name = invocation.Get(model)!;
        if (invocation.Get(reportOnly))
        {
            Report(invocation, ModelLocator.Find(name));
            return;
        }

        string asked = invocation.Get(method) ?? throw RequestException.Expected(Name, "--method or --report", "neither of them");
        bool isStructured = StructuredPruningInput.Methods.Contains(asked, StringComparer.OrdinalIgnoreCase);
        PruningMethod found = default;
        if (!isStructured && !UnstructuredPruningInput.Methods.TryGetValue(asked, out found))
        {
            throw RequestException.Expected(
                "--method", $"one of {string.Join(", ", KnownMethods)}", Quote.Text(asked) + Suggestion.For(asked.ToLowerInvariant(), KnownMethods));
        }

        if ((isStructured ? unstructured.FirstGiven(invocation) : structured.FirstGiven(invocation)) is { } other)
        {
            throw RequestException.Expected($"--method {asked}", $"no {other}", "one");
        }

        string target = invocation.Get(output) ?? throw RequestException.Expected(Name, "--output or -o", "no such option");
        if (target.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase))
        {
            throw RequestException.Expected(target, "a folder", "a GGUF file; lapidary convert and lapidary quantize write a pruned folder as one");
        }

        var request = new PruningRequest(name, ModelLocator.Find(name), target, calibration.TextPath(invocation), invocation.Get(threads), invocation.Get(overwrite));
        if (isStructured)
        {
            new StructuredPruningRun(invocation, structured, calibration, request).Execute(asked);
            return;
        }

        PruningOptions options = unstructured.Read(invocation, found);
        new UnstructuredPruningRun(
            invocation, options, calibration, request.Path, target, request.Overwrite, request.Threads).Execute();
    }

    private void Report(Invocation invocation, string path)
    {
        using Checkpoint checkpoint = Checkpoint.Open(path);
        PruneResult result = PruningPresentation.Create(
            PruningReport.Of(checkpoint, unstructured.ReadSelection(invocation), invocation.Cancellation), null);
        invocation.Present(result, ResultJson.Default.PruneResult, report => PruningPresentation.Draw(report, result));
    }
}
