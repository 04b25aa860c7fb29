using System.CommandLine;
using System.Diagnostics;
using Lapidary.Checkpoints;
using Lapidary.Cli.CommandLine;
using Lapidary.Cli.Models;
using Lapidary.Cli.Output;
using Lapidary.Networks;
using Lapidary.Numerics;

namespace Lapidary.Cli.Commands;

/// <summary><c>lapidary convert</c>: a model in another form or another type.</summary>
internal sealed class ConvertCommand : ToolCommand
{
    private readonly Argument<string> model = CommonOptions.Model();
    private readonly Option<string> output = CommonOptions.Output("DIR", "The Hugging Face folder to write: new or empty.");
    private readonly Option<ElementType?> type = CommonOptions.Type(
        "Type of the weights; where it is left out, a folder keeps its types and a GGUF file the type of its embedding, or BF16.");
    private readonly Option<bool> overwrite = CommonOptions.Overwrite();

    public ConvertCommand()
        : base(
            "convert",
            "Convert a Hugging Face folder or a GGUF file to a Hugging Face folder.",
            "lapidary convert google/gemma-3-270m -o gemma-f32 --dtype F32",
            "lapidary convert model.gguf -o model --dtype BF16")
    {
        Arguments.Add(model);
        Options.Add(output);
        Options.Add(type);
        Options.Add(overwrite);
    }

    protected override void Execute(Invocation invocation)
    {
        string target = invocation.Get(output)!;
        if (target.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase))
        {
            throw RequestException.Expected(target, "a folder", "a GGUF file, whose writing is not supported yet");
        }

        string path = ModelLocator.Find(invocation.Get(model)!);
        OutputPath.CheckFolder(target, invocation.Get(overwrite), path);
        using Checkpoint checkpoint = Checkpoint.Open(path);
        var watch = Stopwatch.StartNew();
        ProgressBar.Run("convert", progress => CheckpointConverter.ToHuggingFace(
            checkpoint,
            target,
            invocation.Get(type),
            invocation.Get(overwrite),
            progress: progress.OfConversion(),
            cancellationToken: invocation.Cancellation));
        WrittenModel.Present(invocation, target, watch.Elapsed);
    }
}
