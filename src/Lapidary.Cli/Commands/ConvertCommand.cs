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
        "PATH", "What to write: a .gguf file, or under any other name a Hugging Face folder, new or empty. An adapter becomes a .gguf file.");

    private readonly Option<string> baseModel = Values.Text(
        "--base", "MODEL", "For an adapter: the model that it was made for; what its configuration names where it is left out.").As(OptionRole.Model);

    private readonly Option<ElementType?> type = CommonOptions.Type(
        "Type of the weights; where it is left out, a folder that is copied keeps its types, and anything else gets the type of the embedding, or BF16 if that is quantized.");
    private readonly Option<bool> withoutTokenizer = new("--no-tokenizer")
    {
        Description = "Leave the tokenizer out: the model then deals in token ids.",
    };

    private readonly Option<bool> overwrite = CommonOptions.Overwrite();

    public ConvertCommand()
        : base(
            "convert",
            "Convert a model between Hugging Face folder and GGUF file, and between F32, F16 and BF16, or a LoRA to a GGUF file.",
            "lapidary convert google/gemma-3-270m-it -o gemma-3-270m-it-BF16.gguf",
            "lapidary convert google/gemma-3-270m -o gemma-f32 --dtype F32",
            "lapidary convert model.gguf -o model --dtype BF16",
            "lapidary convert my-lora --base google/gemma-3-270m -o my-lora.gguf")
    {
        Arguments.Add(model);
        Options.Add(baseModel);
        Options.Add(output);
        Options.Add(type);
        Options.Add(withoutTokenizer);
        Options.Add(overwrite);
    }

    public override IReadOnlyList<string>? StepExtensions => [string.Empty];

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

        using Checkpoint checkpoint = Open(invocation, path, target);
        var watch = Stopwatch.StartNew();
        ProgressBar.Run("convert", bar => Convert(invocation, checkpoint, target, bar.OfConversion()));
        WrittenModel.Present(invocation, target, watch.Elapsed);
    }

    private Checkpoint Open(Invocation invocation, string path, string target)
    {
        if (!IsGguf(target))
        {
            OutputPath.CheckFolder(target, invocation.Get(overwrite), path);
            return Checkpoint.Open(path);
        }

        Checkpoint checkpoint = Checkpoint.Open(path);
        try
        {
            CheckFile(invocation, target, checkpoint);
            return checkpoint;
        }
        catch
        {
            checkpoint.Dispose();
            throw;
        }
    }

    private void Convert(Invocation invocation, Checkpoint checkpoint, string target, IProgress<ConversionProgress> progress)
    {
        ElementType? asked = invocation.Get(type);
        bool withTokenizer = !invocation.Get(withoutTokenizer);
        bool replaces = invocation.Get(overwrite);
        if (IsGguf(target))
        {
            CheckpointConverter.ToGguf(checkpoint, target, asked, withTokenizer, replaces, progress, invocation.Cancellation);
        }
        else
        {
            CheckpointConverter.ToHuggingFace(
                checkpoint, target, asked, replaces, withTokenizer: withTokenizer, progress: progress, cancellationToken: invocation.Cancellation);
        }
    }

    private void CheckFile(Invocation invocation, string target, Checkpoint model)
    {
        OutputPath.CheckFile(target, model.Files);
        if (!invocation.Get(overwrite) && File.Exists(target))
        {
            throw RequestException.Expected(target, "a new file (or --overwrite)", "a file that is there already");
        }
    }

    private static bool IsGguf(string target) => target.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase);

    private void ConvertAdapter(Invocation invocation, string path, string target)
    {
        if (!IsGguf(target))
        {
            throw RequestException.Expected(target, "a .gguf file, the form into which an adapter is converted", "another name");
        }

        using PeftAdapter adapter = PeftAdapter.Open(path);
        string owner = invocation.Get(baseModel)
            ?? (adapter.Lora is null ? adapter.Prompt!.BaseModel : adapter.Lora.BaseModel)
            ?? throw RequestException.Expected(path, "the name of its base model (or --base MODEL)", "none");
        using Checkpoint checkpoint = Checkpoint.Open(ModelLocator.Find(owner));
        CheckFile(invocation, target, checkpoint);
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
