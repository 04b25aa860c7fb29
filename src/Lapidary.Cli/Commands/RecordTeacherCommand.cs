using System.CommandLine;
using System.Diagnostics;
using Lapidary.Checkpoints;
using Lapidary.Cli.CommandLine;
using Lapidary.Cli.Commands.Training;
using Lapidary.Cli.Models;
using Lapidary.Cli.Output;
using Lapidary.Networks;
using Lapidary.Text;
using Lapidary.Text.Data;
using Lapidary.Workbench.Training;

namespace Lapidary.Cli.Commands;

/// <summary><c>lapidary record-teacher</c>: stores what a teacher says of examples, for <c>distill --teacher-logits</c>.</summary>
internal sealed class RecordTeacherCommand : ToolCommand
{
    private readonly Argument<string> model = CommonOptions.Model();
    private readonly DataInput data = new();
    private readonly Option<string> output = CommonOptions.Output("F", "The safetensors file to write.");
    private readonly Option<int> top = Values.Integer("--top-tokens", "Tokens that are kept of each target.", 1, 1 << 20, 64);
    private readonly Option<int> threads = CommonOptions.Threads();

    public RecordTeacherCommand()
        : base(
            "record-teacher",
            "Store the most likely tokens that a teacher gives for examples, so that students can be distilled without it.",
            "lapidary record-teacher large --data texts.jsonl -o teacher.safetensors",
            "lapidary record-teacher large --data texts.jsonl -o teacher.safetensors --top-tokens 128")
    {
        Arguments.Add(model);
        data.AddTo(this);
        foreach (Option option in new Option[] { output, top, threads })
        {
            Options.Add(option);
        }
    }

    public override IReadOnlyList<string>? StepExtensions => [".safetensors"];

    protected override void Execute(Invocation invocation)
    {
        string path = ModelLocator.Find(invocation.Get(model)!);
        string target = invocation.Get(output)!;
        OutputPath.CheckFile(target, path);
        using Checkpoint checkpoint = Checkpoint.Open(path);
        Gemma3Config config = Gemma3Config.From(checkpoint);
        config.Validate(checkpoint);
        Tokenizer? tokenizer = Tokenizer.Exists(path) ? Tokenizer.Open(path) : null;
        TrainingData examples = data.Load(invocation, path, tokenizer, config);
        var watch = Stopwatch.StartNew();
        ProgressBar.Run("record-teacher", progress => TeacherRecorder.Record(
            checkpoint, examples, target, invocation.Get(top), invocation.Get(threads), progress, invocation.Cancellation));
        var result = new RecordedTeacherResult(target, examples.Count, examples.TargetCount, new FileInfo(target).Length, watch.Elapsed.TotalSeconds);
        invocation.Present(result, ResultJson.Default.RecordedTeacherResult, report => report.Line(
            $"{target}: {Units.Count(result.Targets)} targets of {Units.Count(result.Examples)} examples, {Units.Bytes(result.Bytes)}"));
    }
}
