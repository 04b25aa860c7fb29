using System.CommandLine;
using Lapidary.Cli.CommandLine;
using Lapidary.Cli.Commands.Evaluation;
using Lapidary.Cli.Models;
using Lapidary.Workbench.Evaluation.Tasks;

namespace Lapidary.Cli.Commands;

/// <summary><c>lapidary eval</c>: the tasks of lm-evaluation-harness, put to a model.</summary>
internal sealed class EvalCommand : ToolCommand
{
    private readonly Argument<string> model = CommonOptions.Model(ModelLocator.TunedPebble);
    private readonly EvaluationInput input = new();

    public EvalCommand()
        : base(
            "eval",
            "Evaluate a model on tasks of lm-evaluation-harness.",
            "lapidary eval google/gemma-3-270m --tasks arc_easy,hellaswag --limit 200 -o results",
            "lapidary eval google/gemma-3-270m-it --tasks mmlu --num-fewshot 5 --apply-chat-template -o results",
            "lapidary eval pebble-it --tasks my_task --include-path my-tasks --data-dir my-data",
            "lapidary eval google/gemma-3-270m-it --text code=code.txt --text prose=prose.txt --base google/gemma-3-270m -o results",
            "lapidary eval pebble-it --prompts questions.txt --markers markers.txt",
            "lapidary eval --tasks list")
    {
        Arguments.Add(model);
        input.AddTo(this);
    }

    public override IReadOnlyList<string>? StepExtensions => [string.Empty];

    protected override void Execute(Invocation invocation)
    {
        TaskLibrary library = input.OpenLibrary(invocation);
        if (input.IsListing(invocation))
        {
            TaskListReport.Present(invocation, library);
            return;
        }

        string name = invocation.Get(model)!;
        new EvaluationRun(invocation, input, library).Execute(name);
    }
}
