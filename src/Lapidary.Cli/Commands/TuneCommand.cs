using System.CommandLine;
using Lapidary.Cli.CommandLine;
using Lapidary.Cli.Commands.Training;

namespace Lapidary.Cli.Commands;

/// <summary><c>lapidary tune</c>: trains a model, or an adapter beside it, on examples.</summary>
internal sealed class TuneCommand : ToolCommand
{
    private readonly Argument<string> model = CommonOptions.Model();
    private readonly TrainingInput training = new();
    private readonly MethodInput method = new();

    public TuneCommand()
        : base(
            "tune",
            "Train a model, or an adapter beside it, on examples.",
            "lapidary tune --data examples.jsonl -o tuned --lr 1e-3",
            "lapidary tune google/gemma-3-270m --method lora --data dolly.jsonl --eval-split 0.02 -o adapter",
            "lapidary tune google/gemma-3-270m --data dolly.jsonl -o tuned --dry-run")
    {
        Arguments.Add(model);
        method.AddTo(this);
        training.AddTo(this);
    }

    public override IReadOnlyList<string>? StepExtensions => [string.Empty];

    protected override void Execute(Invocation invocation) =>
        new TrainingRun(invocation, training, invocation.Get(model)!).Execute(
            method.Apply(invocation, training.Options(invocation)));
}
