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

/// <summary><c>lapidary merge</c>: a model with adapters in its weights.</summary>
internal sealed class MergeCommand : ToolCommand
{
    private readonly Argument<string> model = CommonOptions.Model();
    private readonly AdapterInput adapters = new("Merge this LoRA.");
    private readonly Option<string> output = CommonOptions.Output("DIR", "The Hugging Face folder to write: new or empty.");
    private readonly Option<ElementType?> type = CommonOptions.Type(
        "Type of the weights; where it is left out, a folder keeps its types and a GGUF file the type of its embedding, or BF16.");
    private readonly Option<bool> keepZeros = new("--keep-zeros")
    {
        Description = "Keep the zeros of a pruned base; the result then differs from the adapter beside the base.",
    };

    private readonly Option<bool> overwrite = CommonOptions.Overwrite();

    public MergeCommand()
        : base(
            "merge",
            "Merge LoRA adapters into the weights of a model.",
            "lapidary merge google/gemma-3-270m --adapter my-lora -o my-model",
            "lapidary merge base --adapter style:0.5 --adapter facts -o both --dtype BF16")
    {
        Arguments.Add(model);
        adapters.AddTo(this);
        Options.Add(output);
        Options.Add(type);
        Options.Add(keepZeros);
        Options.Add(overwrite);
    }

    public override IReadOnlyList<string>? StepExtensions => [string.Empty];

    protected override void Execute(Invocation invocation)
    {
        IReadOnlyList<AdapterReference> references = adapters.Read(invocation);
        if (references.Count == 0)
        {
            throw RequestException.Expected(Name, "--adapter", "no such option");
        }

        string target = invocation.Get(output)!;
        if (target.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase))
        {
            throw RequestException.Expected(target, "a folder", "a GGUF file; lapidary convert writes an adapter as one");
        }

        string path = ModelLocator.Find(invocation.Get(model)!);
        OutputPath.CheckFolder(target, invocation.Get(overwrite), references.Select(reference => reference.Folder).Prepend(path));
        using Checkpoint checkpoint = Checkpoint.Open(path);
        var watch = Stopwatch.StartNew();
        MergedZeros zeros = default;
        ProgressBar.Run("merge", progress => zeros = AdapterConverter.Merge(
            checkpoint,
            references,
            target,
            invocation.Get(type),
            invocation.Get(overwrite),
            keepZeros: invocation.Get(keepZeros),
            progress: progress.OfConversion(),
            cancellationToken: invocation.Cancellation));
        if (zeros.After < zeros.Before)
        {
            string shares = FormattableString.Invariant(
                $"{100 * zeros.BaseSparsity:0.00} % before and {100 * zeros.MergedSparsity:0.00} % after the merge");
            Invocation.Log(
                $"warning: {zeros.Matrices} matrices of the base are pruned and lose their zeros, {shares}; --keep-zeros keeps them");
        }

        WrittenModel.Present(invocation, target, watch.Elapsed, zeros.Matrices == 0 ? null : zeros);
    }
}
