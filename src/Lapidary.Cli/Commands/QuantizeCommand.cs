using System.CommandLine;
using System.Diagnostics;
using Lapidary.Checkpoints;
using Lapidary.Cli.CommandLine;
using Lapidary.Cli.Commands.Quantization;
using Lapidary.Cli.Models;
using Lapidary.Cli.Output;
using Lapidary.Networks;
using Lapidary.Workbench.Compression;

namespace Lapidary.Cli.Commands;

/// <summary><c>lapidary quantize</c>: a model as a GGUF file in fewer bits, with llama.cpp's choice of types and its blocks.</summary>
internal sealed class QuantizeCommand : ToolCommand
{
    private readonly Argument<string> model = CommonOptions.Model();
    private readonly Option<string> output = Values.Text("--output", "FILE", "The .gguf file to write; not needed with --types-only.", "-o");
    private readonly QuantizationInput quantization = new();
    private readonly Option<bool> typesOnly = new("--types-only")
    {
        Description = "Print the type and the size of each tensor, and write nothing.",
    };

    private readonly Option<int> threads = CommonOptions.Threads();
    private readonly Option<bool> overwrite = CommonOptions.Overwrite();

    public QuantizeCommand()
        : base(
            "quantize",
            "Write a model as a GGUF file of quantized weights, as llama.cpp quantizes.",
            "lapidary quantize google/gemma-3-270m-it -o gemma-3-270m-it-Q4_K_M.gguf --type Q4_K_M",
            "lapidary quantize model.gguf -o small.gguf --type Q4_0 --tensor-type attn_v=Q8_0 --tensor-type 'blk\\.0\\.=Q6_K'",
            "lapidary quantize pebble --type Q3_K_M --types-only")
    {
        Arguments.Add(model);
        Options.Add(output);
        quantization.AddTo(this);
        Options.Add(typesOnly);
        Options.Add(threads);
        Options.Add(overwrite);
    }

    protected override void Execute(Invocation invocation)
    {
        QuantizationOptions options = quantization.Read(invocation);
        string? target = Target(invocation);
        using Checkpoint checkpoint = Checkpoint.Open(ModelLocator.Find(invocation.Get(model)!));
        if (target is not null)
        {
            OutputPath.CheckFile(target, checkpoint.Files);
            if (!invocation.Get(overwrite) && File.Exists(target))
            {
                throw RequestException.Expected(target, "a new file (or --overwrite)", "a file that is there already");
            }
        }

        GgufPlan plan = Quantizer.Plan(checkpoint, options);
        var watch = Stopwatch.StartNew();
        if (target is not null)
        {
            ProgressBar.Run("quantize", bar => plan.Write(
                checkpoint, target, invocation.Get(overwrite), invocation.Get(threads), bar.OfConversion(), invocation.Cancellation));
        }

        QuantizeResult result = QuantizationReport.Create(plan, options, target, watch.Elapsed);
        invocation.Present(result, ResultJson.Default.QuantizeResult, report => QuantizationReport.Draw(report, result));
    }

    // Null where only types are asked for; an output that is named all the same is left alone.
    private string? Target(Invocation invocation) =>
        invocation.Get(typesOnly) ? null
        : invocation.Get(output) ?? throw RequestException.Expected(Name, "--output or --types-only", "neither of them");
}
