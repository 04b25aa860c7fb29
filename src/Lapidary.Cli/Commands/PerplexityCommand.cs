using System.CommandLine;
using Lapidary.Cli.CommandLine;
using Lapidary.Cli.Commands.Perplexity;

namespace Lapidary.Cli.Commands;

/// <summary><c>lapidary perplexity</c>: how well a model predicts a text, and how far it is from another.</summary>
internal sealed class PerplexityCommand : ToolCommand
{
    private readonly Argument<string> model = CommonOptions.Model();
    private readonly PerplexityInput input = new();

    public PerplexityCommand()
        : base(
            "perplexity",
            "Measure how well a model predicts a text, and its divergence from a base, as llama.cpp does.",
            "lapidary perplexity google/gemma-3-270m -f wiki.test.raw",
            "lapidary perplexity gemma-3-270m-Q4_K_M.gguf -f wiki.test.raw --kl-base google/gemma-3-270m --chunks 20",
            "lapidary perplexity gemma-3-270m-BF16.gguf -f wiki.test.raw --chunks 20 --save-logits base.kld")
    {
        Arguments.Add(model);
        input.AddTo(this);
    }

    public override IReadOnlyList<string>? StepExtensions => [];

    protected override void Execute(Invocation invocation) => new PerplexityRun(invocation, input).Execute(invocation.Get(model)!);
}
