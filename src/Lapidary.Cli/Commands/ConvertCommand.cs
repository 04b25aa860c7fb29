using System.CommandLine;
using System.Diagnostics;
using Lapidary.Checkpoints;
using Lapidary.Checkpoints.Adapters;
using Lapidary.Cli.CommandLine;
using Lapidary.Cli.Models;
using Lapidary.Cli.Output;
using Lapidary.Networks;
using Lapidary.Numerics;

namespace Lapidary.Cli.Commands;

/// <summary><c>lapidary convert</c>: a model in another form or another type, or an adapter as llama.cpp takes it.</summary>
internal sealed class ConvertCommand : ToolCommand
{
    private readonly Argument<string> model = CommonOptions.Model();
    private readonly Option<string> output = CommonOptions.Output(
        "PATH", "The Hugging Face folder to write: new or empty. For an adapter: the .gguf file to write.");

    private readonly Option<string> baseModel = Values.Text(
        "--base", "MODEL", "For an adapter: the model that it was made for; what its configuration names where it is left out.");

    private readonly Option<ElementType?> type = CommonOptions.Type(
        "Type of the weights; where it is left out, a folder keeps its types and a GGUF file the type of its embedding, or BF16.");
    private readonly Option<bool> overwrite = CommonOptions.Overwrite();

    public ConvertCommand()
        : base(
            "convert",
            "Convert a Hugging Face folder or a GGUF file to a Hugging Face folder, or a LoRA to a GGUF file.",
            "lapidary convert google/gemma-3-270m -o gemma-f32 --dtype F32",
            "lapidary convert model.gguf -o model --dtype BF16",
            "lapidary convert my-lora --base google/gemma-3-270m -o my-lora.gguf")
    {
        Arguments.Add(model);
        Options.Add(baseModel);
        Options.Add(output);
        Options.Add(type);
        Options.Add(overwrite);
    }

    protected override void Execute(Invocation invocation)
    {
        string target = invocation.Get(output)!;
        string path = ModelLocator.Find(invocation.Get(model)!);
        if (PeftAdapter.IsAdapter(path))
        {
            ConvertAdapter(invocation, path, target);
            return;
        }

        if (invocation.Has(baseModel))
        {
            throw RequestException.Expected("--base", $"an adapter to convert, with a file {PeftAdapter.ConfigFile}", Quote.Text(path));
        }

        if (target.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase))
        {
            throw RequestException.Expected(target, "a folder", "a GGUF file, whose writing is not supported yet");
        }

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

    private void ConvertAdapter(Invocation invocation, string path, string target)
    {
        if (!target.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase))
        {
            throw RequestException.Expected(target, "a .gguf file, the form into which an adapter is converted", "another name");
        }

        using PeftAdapter adapter = PeftAdapter.Open(path);
        string owner = invocation.Get(baseModel)
            ?? (adapter.Lora is null ? adapter.Prompt!.BaseModel : adapter.Lora.BaseModel)
            ?? throw RequestException.Expected(path, "the name of its base model (or --base MODEL)", "none");
        using Checkpoint checkpoint = Checkpoint.Open(ModelLocator.Find(owner));
        OutputPath.CheckFile(target, checkpoint.Files);
        if (!invocation.Get(overwrite) && File.Exists(target))
        {
            throw RequestException.Expected(target, "a new file (or --overwrite)", "a file that is there already");
        }

        AdapterConverter.ToGguf(adapter, checkpoint, target, invocation.Get(type) ?? ElementType.F32);
        using GgufFile written = GgufFile.Open(target);
        var result = new WrittenAdapterResult(
            target,
            written.Tensors.Count,
            written.Tensors.Values.Sum(tensor => tensor.Length),
            new FileInfo(target).Length,
            (invocation.Get(type) ?? ElementType.F32).ToString(),
            written.Metadata["adapter.lora.alpha"].ToDouble());
        invocation.Present(result, ResultJson.Default.WrittenAdapterResult, report => report.Line(
            $"{target}: {result.Tensors} tensors, {Units.Count(result.Parameters)} parameters, {Units.Bytes(result.Bytes)} as {result.Type}"));
    }
}
