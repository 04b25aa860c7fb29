using System.CommandLine;
using System.Diagnostics;
using Lapidary.Cli.CommandLine;
using Lapidary.Cli.Models;
using Lapidary.Cli.Output;
using Lapidary.Networks;
using Lapidary.Numerics;

namespace Lapidary.Cli.Commands;

/// <summary><c>lapidary init</c>: a random checkpoint in the shapes of a model.</summary>
internal sealed class InitCommand : ToolCommand
{
    private readonly Argument<string> preset = new("PRESET")
    {
        Description = $"One of {string.Join(", ", Gemma3Presets.Names)}; left out where --config is given.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string> output = CommonOptions.Output("DIR", "The folder to write: new or empty.");
    private readonly Option<string> config = Values.Text("--config", "FILE", "Take the shapes from this config.json instead of a preset.").As(OptionRole.Path);
    private readonly Option<string> tokenizer = Values.Text("--tokenizer", "DIR", "Copy the tokenizer's files from this folder.").As(OptionRole.Path);
    private readonly Option<long> seed = CommonOptions.Seed();
    private readonly Option<ElementType?> type = CommonOptions.Type("Type of the weights; BF16 where it is left out.");
    private readonly Option<bool> overwrite = CommonOptions.Overwrite();

    public InitCommand()
        : base(
            "init",
            "Write a random checkpoint in the shapes of a model; the same seed writes the same bytes.",
            "lapidary init gemma-3-270m -o random-270m --seed 1",
            "lapidary init --config config.json -o DIR --dtype F32")
    {
        Arguments.Add(preset);
        foreach (Option option in new Option[] { output, config, tokenizer, seed, type, overwrite })
        {
            Options.Add(option);
        }
    }

    public override IReadOnlyList<string>? StepExtensions => [string.Empty];

    protected override void Execute(Invocation invocation)
    {
        Gemma3Config shapes = Shapes(invocation.Get(preset), invocation.Get(config));
        string target = invocation.Get(output)!;
        string? tokenizerFolder = invocation.Get(tokenizer);
        if (tokenizerFolder is not null && !Directory.Exists(tokenizerFolder))
        {
            throw RequestException.Expected(tokenizerFolder, "a folder with a tokenizer", File.Exists(tokenizerFolder) ? "a file" : "no such folder");
        }

        OutputPath.CheckFolder(target, invocation.Get(overwrite));
        ElementType stored = invocation.Get(type) ?? ElementType.BF16;
        var watch = Stopwatch.StartNew();
        ProgressBar.Run("init", progress => RandomCheckpoint.Write(
            shapes,
            target,
            (ulong)invocation.Get(seed),
            stored,
            tokenizerFolder,
            invocation.Get(overwrite),
            progress.OfConversion(),
            invocation.Cancellation));
        WrittenModel.Present(invocation, target, watch.Elapsed);
    }

    private Gemma3Config Shapes(string? name, string? file) => (name, file) switch
    {
        (not null, null) => Gemma3Presets.Find(name) ?? throw new RequestException(
            $"PRESET: expected one of {string.Join(", ", Gemma3Presets.Names)}, found {Quote.Text(name)}{Suggestion.For(name, Gemma3Presets.Names)}"),
        (null, not null) => Gemma3Config.FromFile(file),
        (null, null) => throw RequestException.Expected(Name, "a PRESET or --config", "neither"),
        _ => throw RequestException.Expected(Name, "a PRESET or --config", "both"),
    };
}
