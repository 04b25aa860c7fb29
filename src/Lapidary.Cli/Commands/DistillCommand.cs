using System.CommandLine;
using Lapidary.Cli.CommandLine;
using Lapidary.Cli.Commands.Training;
using Lapidary.Numerics.Kernels;
using Lapidary.Workbench.Training;

namespace Lapidary.Cli.Commands;

/// <summary><c>lapidary distill</c>: trains a student on what a teacher says.</summary>
internal sealed class DistillCommand : ToolCommand
{
    private readonly Argument<string> student = new Argument<string>("STUDENT")
    {
        Description = "The model that is trained: a folder, a hub id in the local Hugging Face cache, or 'pebble'.",
    }.As(OptionRole.Model);

    private readonly Option<string> teacher = Values.Text("--teacher", "MODEL", "The model to learn from; it must have the student's vocabulary.").As(OptionRole.Model);
    private readonly Option<string> teacherLogits = Values.Text("--teacher-logits", "F", "Learn from what record-teacher wrote, in the place of --teacher.").As(OptionRole.Path);
    private readonly Option<DivergenceKind?> divergence = Values.Choice(
        "--divergence", "What is minimised: forward, KL(teacher || student), which covers all that the teacher says (default); reverse; or jsd.",
        [("forward", DivergenceKind.ForwardKl), ("reverse", DivergenceKind.ReverseKl), ("jsd", DivergenceKind.JensenShannon)]);
    private readonly Option<double> beta = Values.Number(
        "--beta", "jsd: weight of the teacher in the mixture.", 0.5, value => value is >= 0 and <= 1, "a number from 0 to 1");
    private readonly Option<double> temperature = Values.Number(
        "--temperature", "Temperature of both distributions.", 1, value => value is >= 0.01 and <= 1000, "a number from 0.01 to 1000");
    private readonly Option<double> labels = Values.Number(
        "--ce-weight", "Weight of the labels' cross-entropy; the rest is the teacher's.", 0, value => value is >= 0 and <= 1, "a number from 0 to 1");
    private readonly Option<bool> noSquare = new("--no-t2") { Description = "Do not multiply the divergence by the temperature squared." };
    private readonly TrainingInput training = new();
    private readonly MethodInput method = new();

    public DistillCommand()
        : base(
            "distill",
            "Train a student on what a teacher says of examples.",
            "lapidary distill small --teacher large --data texts.jsonl -o student --lr 1e-3",
            "lapidary distill small --teacher large --data texts.jsonl -o student --temperature 2 --ce-weight 0.5")
    {
        Arguments.Add(student);
        foreach (Option option in new Option[] { teacher, teacherLogits, divergence, beta, temperature, labels, noSquare })
        {
            Options.Add(option);
        }

        method.AddTo(this);
        training.AddTo(this);
    }

    public override IReadOnlyList<string>? StepExtensions => [string.Empty];

    protected override void Execute(Invocation invocation)
    {
        if (invocation.Has(beta) && invocation.Get(divergence) != DivergenceKind.JensenShannon)
        {
            throw RequestException.Expected("--beta", "--divergence jsd", "another divergence");
        }

        TrainingOptions options = method.Apply(invocation, training.Options(invocation)) with
        {
            Distillation = new DistillationOptions
            {
                Divergence = invocation.Get(divergence) ?? DivergenceKind.ForwardKl,
                Beta = invocation.Get(beta),
                Temperature = invocation.Get(temperature),
                Alpha = invocation.Get(labels),
                ScaleByTemperatureSquared = !invocation.Get(noSquare),
            },
        };
        if (invocation.Has(teacher) == invocation.Has(teacherLogits))
        {
            throw RequestException.Expected(Name, "--teacher or --teacher-logits", invocation.Has(teacher) ? "both" : "neither");
        }

        new TrainingRun(invocation, training, invocation.Get(student)!).Execute(
            options, invocation.Get(teacher), invocation.Get(teacherLogits));
    }
}
