using System.CommandLine;
using Lapidary.Cli.CommandLine;
using Lapidary.Cli.Commands.Pruning;
using Lapidary.Cli.Models;
using Lapidary.Workbench.Evaluation.Texts;

namespace Lapidary.Cli.Commands;

/// <summary><c>lapidary prune</c>: a model with fewer layers, or narrower ones.</summary>
internal sealed class PruneCommand : ToolCommand
{
    private readonly Argument<string> model = CommonOptions.Model();
    private readonly Option<PruningMethod?> method = Values.Choice(
        "--method",
        "depth leaves layers out, width makes all layers narrower.",
        [("depth", PruningMethod.Depth), ("width", PruningMethod.Width)]);

    private readonly Option<string> output = CommonOptions.Output("DIR", "The Hugging Face folder to write: new or empty.");
    private readonly Option<string> file = Values.Text("--file", "FILE", "The calibration text, in UTF-8.", "-f");
    private readonly Option<int> context = Values.Integer(
        "--ctx", "Tokens of a chunk of the text, each a text of its own.", TextChunks.SmallestContextLength, 1 << 20, TextChunks.UsualContextLength);

    private readonly Option<int?> chunks = Values.OptionalInteger("--chunks", "Take this many chunks at most.", 1, int.MaxValue);
    private readonly StructuredPruningInput structured = new();
    private readonly Option<int> threads = CommonOptions.Threads();
    private readonly Option<bool> overwrite = CommonOptions.Overwrite();

    public PruneCommand()
        : base(
            "prune",
            "Write a smaller model: fewer layers, neurons, heads or channels, chosen by what they do on a text.",
            "lapidary prune google/gemma-3-270m -o shallow --method depth --layers 14 -f calibration.txt",
            "lapidary prune google/gemma-3-270m -o narrow --method width --ffn 1536 --hidden 512 -f calibration.txt")
    {
        method.Required = true;
        Arguments.Add(model);
        foreach (Option option in new Option[] { output, method, file, context, chunks })
        {
            Options.Add(option);
        }

        structured.AddTo(this);
        Options.Add(threads);
        Options.Add(overwrite);
    }

    protected override void Execute(Invocation invocation)
    {
        string name = invocation.Get(model)!;
        var request = new PruningRequest(
            name,
            ModelLocator.Find(name),
            invocation.Get(output)!,
            invocation.Get(file),
            invocation.Get(context),
            invocation.Get(chunks),
            invocation.Get(threads),
            invocation.Get(overwrite));
        var run = new StructuredPruningRun(invocation, structured, request);
        if (invocation.Get(method) == PruningMethod.Depth)
        {
            run.Depth();
        }
        else
        {
            run.Width();
        }
    }
}
