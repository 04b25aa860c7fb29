using System.CommandLine;
using Lapidary.Checkpoints;
using Lapidary.Cli.CommandLine;
using Lapidary.Cli.Models;
using Lapidary.Cli.Output;
using Lapidary.Networks;

namespace Lapidary.Cli.Commands;

/// <summary><c>lapidary info</c>: what a model is, how it is stored and what it needs. Reads headers and the tokenizer, no weights.</summary>
internal sealed class InfoCommand : ToolCommand
{
    private const int UsualContext = 4096;
    private readonly Argument<string> model = CommonOptions.Model();
    private readonly Option<bool> tensors = new("--tensors") { Description = "List every tensor." };
    private readonly Option<int?> context = Values.OptionalInteger(
        "--context", $"Length of the context that the cache is reckoned for; {UsualContext} where it is left out.", 1, int.MaxValue, "-c");
    private readonly Option<int> chunk = CommonOptions.Chunk();

    public InfoCommand()
        : base(
            "info",
            "Show what a model is, how it is stored and what memory it needs.",
            "lapidary info google/gemma-3-270m",
            "lapidary info model.gguf --tensors",
            "lapidary info pebble --context 32768 --json")
    {
        Arguments.Add(model);
        Options.Add(tensors);
        Options.Add(context);
        Options.Add(chunk);
    }

    public override IReadOnlyList<string>? StepExtensions => [];

    protected override void Execute(Invocation invocation)
    {
        string name = invocation.Get(model)!;
        using Checkpoint checkpoint = Checkpoint.Open(ModelLocator.Find(name));
        Gemma3Config config = Gemma3Config.From(checkpoint);
        config.Validate(checkpoint);
        int length = ContextLimit.For(config.ContextLength, invocation.Get(context), 0);
        length = invocation.Get(context) is null ? Math.Min(length, UsualContext) : length;
        var result = new InfoResult(
            name,
            checkpoint.Format == CheckpointFormat.Gguf ? "gguf" : "safetensors",
            ModelSummary.Architecture(checkpoint),
            ModelSummary.Sizes(config),
            ModelSummary.Parameters(checkpoint),
            ModelSummary.Types(checkpoint),
            ModelSummary.Tokenizer(checkpoint),
            ModelSummary.HasTemplate(checkpoint),
            new MemoryResult(checkpoint.TensorBytes, length, CacheMemory.Bytes(config, length, invocation.Get(chunk))),
            invocation.Get(tensors) ? ModelSummary.Tensors(checkpoint) : null);
        invocation.Present(result, ResultJson.Default.InfoResult, report => Draw(report, result));
    }

    private static string Describe(TokenizerResult tokenizer)
    {
        (string Name, int? Id)[] ids =
            [("bos", tokenizer.BosId), ("eos", tokenizer.EosId), ("pad", tokenizer.PadId), ("unknown", tokenizer.UnknownId)];
        return tokenizer.Problem is { } problem ? "cannot be used: " + Quote.Line(problem)
            : $"{tokenizer.Kind}, {Units.Count(tokenizer.Vocabulary!.Value)} pieces"
            + string.Concat(ids.Where(entry => entry.Id is not null).Select(entry => $", {entry.Name} {entry.Id}"));
    }

    private static void Draw(TextReport report, InfoResult result)
    {
        ArchitectureResult sizes = result.Sizes;
        report.Pairs(
            ("model", $"{result.Model} ({result.Format})"),
            ("architecture", result.Architecture),
            ("vocabulary", Units.Count(sizes.Vocabulary)),
            ("hidden", $"{sizes.Hidden}"),
            ("layers", $"{sizes.Layers} ({sizes.LocalLayers} local with a window of {sizes.Window}, {sizes.Layers - sizes.LocalLayers} global)"),
            ("heads", $"{sizes.Heads} of {sizes.HeadDimension}, sharing {sizes.KeyValueHeads} of keys and values"),
            ("feed-forward", $"{sizes.Intermediate}"),
            ("context", $"{Units.Count(sizes.Context)} tokens"),
            ("parameters", $"{Units.Count(result.Parameters.Total)} (embedding {Units.Count(result.Parameters.Embedding)}, "
                + $"other {Units.Count(result.Parameters.Other)})"),
            ("tokenizer", result.Tokenizer is { } tokenizer ? Describe(tokenizer) : "absent"),
            ("chat template", result.ChatTemplate ? "present" : "absent"),
            ("memory", $"weights {Units.Bytes(result.Memory.WeightBytes)}, "
                + $"cache {Units.Bytes(result.Memory.CacheBytes)} at {Units.Count(result.Memory.ContextTokens)} tokens"));
        report.Line();
        report.Table(
            ["type", ">tensors", ">parameters", ">size"],
            result.Types.Select(type => new[] { type.Type, Units.Count(type.Tensors), Units.Count(type.Parameters), Units.Bytes(type.Bytes) }));
        if (result.Tensors is { } list)
        {
            report.Line();
            report.Table(
                ["tensor", "type", "shape", ">size"],
                list.Select(tensor => new[] { tensor.Name, tensor.Type, $"[{string.Join(", ", tensor.Shape)}]", Units.Bytes(tensor.Bytes) }));
        }
    }
}
