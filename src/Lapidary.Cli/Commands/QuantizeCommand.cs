using System.CommandLine;
using System.Diagnostics;
using Lapidary.Checkpoints;
using Lapidary.Cli.CommandLine;
using Lapidary.Cli.Commands.Quantization;
using Lapidary.Cli.Models;
using Lapidary.Cli.Output;
using Lapidary.Networks;
using Lapidary.Workbench.Compression;
using Lapidary.Workbench.Compression.Collections;
using Lapidary.Workbench.Compression.Search;

namespace Lapidary.Cli.Commands;

/// <summary><c>lapidary quantize</c>: a model as a GGUF file in fewer bits, with llama.cpp's choice of types and its blocks.</summary>
internal sealed class QuantizeCommand : ToolCommand
{
    private readonly Argument<string> model = CommonOptions.Model();
    private readonly Option<string> output = Values.Text("--output", "PATH", "The .gguf file to write, or with --all the folder; not needed with --types-only.", "-o").As(OptionRole.Output);
    private readonly QuantizationInput quantization = new();
    private readonly Option<bool> typesOnly = new Option<bool>("--types-only")
    {
        Description = "Print the type and the size of each tensor, and write nothing.",
    }.As(OptionRole.LookOnly);

    private readonly Option<bool> all = new("--all")
    {
        Description = "Write the whole collection, fifteen types, into the folder of -o, with a table; what is there already is kept.",
    };

    private readonly Option<double?> search = Values.OptionalDouble(
        "--search", "Choose a type for each matrix so that the model diverges least on the text of -f, with at most this many bits per weight.",
        bits => bits > 0 && double.IsFinite(bits),
        "--search: expected a number of bits above 0 such as 4.5");

    private readonly MeasureInput measure = new();
    private readonly Option<int> threads = CommonOptions.Threads();
    private readonly Option<bool> overwrite = CommonOptions.Overwrite();

    public QuantizeCommand()
        : base(
            "quantize",
            "Write a model as a GGUF file of quantized weights, as llama.cpp quantizes.",
            "lapidary quantize google/gemma-3-270m-it -o gemma-3-270m-it-Q4_K_M.gguf --type Q4_K_M",
            "lapidary quantize model.gguf -o small.gguf --type Q4_0 --tensor-type attn_v=Q8_0 --tensor-type 'blk\\.0\\.=Q6_K'",
            "lapidary quantize pebble --type Q3_K_M --types-only",
            "lapidary quantize google/gemma-3-270m-it -o small.gguf --search 4.5 -f calibration.txt --imatrix imatrix.gguf",
            "lapidary quantize google/gemma-3-270m-it --all -o collection -f wiki.test.raw --chunks 20 --imatrix imatrix.gguf")
    {
        Arguments.Add(model);
        Options.Add(output);
        quantization.AddTo(this);
        Options.Add(typesOnly);
        Options.Add(all);
        Options.Add(search);
        measure.AddTo(this);
        Options.Add(threads);
        Options.Add(overwrite);
    }

    public override IReadOnlyList<string>? StepExtensions => [".gguf"];

    public override string? StepFolderOption => "all";

    protected override void Execute(Invocation invocation)
    {
        if (invocation.Get(all) && invocation.Has(search))
        {
            throw RequestException.Expected(Name, "--all or --search", "both");
        }

        if (invocation.Get(all))
        {
            WriteCollection(invocation);
            return;
        }

        QuantizationOptions options = ReadOptions(invocation);
        string? target = Target(invocation);
        using Checkpoint checkpoint = Checkpoint.Open(ModelLocator.Find(invocation.Get(model)!));
        if (target is not null)
        {
            CheckTarget(invocation, target, [.. checkpoint.Files, options.Importance?.Path, measure.TextPath(invocation)]);
        }

        TypeSearchResult? found = null;
        if (invocation.Get(search) is double budget)
        {
            (options, found) = new SearchRun(invocation, measure, options, invocation.Get(threads)).Execute(checkpoint, budget, target);
        }

        GgufPlan plan = Quantizer.Plan(checkpoint, options);
        var watch = Stopwatch.StartNew();
        if (target is not null)
        {
            ProgressBar.Run("quantize", bar => plan.Write(
                checkpoint, target, invocation.Get(overwrite), invocation.Get(threads), bar.OfConversion(), invocation.Cancellation));
        }

        QuantizeResult result = QuantizationReport.Create(plan, options, target, watch.Elapsed, found);
        invocation.Present(result, ResultJson.Default.QuantizeResult, report => QuantizationReport.Draw(report, result));
    }

    private QuantizationOptions ReadOptions(Invocation invocation)
    {
        if (invocation.Has(search))
        {
            measure.RefuseCollection(invocation);
            return quantization.ReadFor(invocation, "--search", QuantizationMix.All[^1]);
        }

        measure.RefuseAny(invocation, "--all or --search");
        return quantization.Read(invocation);
    }

    private void CheckTarget(Invocation invocation, string target, IEnumerable<string?> inputs)
    {
        OutputPath.CheckFile(target, inputs.OfType<string>());
        if (!invocation.Get(overwrite) && File.Exists(target))
        {
            throw RequestException.Expected(target, "a new file (or --overwrite)", "a file that is there already");
        }
    }

    private void WriteCollection(Invocation invocation)
    {
        if (invocation.Get(typesOnly))
        {
            throw RequestException.Expected(Name, "--all or --types-only", "both");
        }

        string folder = invocation.Get(output) ?? throw RequestException.Expected(Name, "--output with a folder for --all", "none");
        QuantizationOptions options = quantization.ReadFor(invocation, "--all", CollectionFolder.Types[0]);
        new CollectionRun(invocation, measure, options, invocation.Get(threads)).Execute(invocation.Get(model)!, folder, invocation.Get(overwrite));
    }

    // Null where only types are asked for; an output that is named all the same is left alone.
    private string? Target(Invocation invocation) =>
        invocation.Get(typesOnly) ? null
        : invocation.Get(output) ?? throw RequestException.Expected(Name, "--output or --types-only", "neither of them");
}
