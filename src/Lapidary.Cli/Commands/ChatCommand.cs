using System.CommandLine;
using System.Diagnostics;
using Lapidary.Cli.CommandLine;
using Lapidary.Cli.Commands.Chat;
using Lapidary.Cli.Commands.Generation;
using Lapidary.Cli.Terminal;
using Lapidary.Inference.Generation;
using Lapidary.Inference.Sampling;

namespace Lapidary.Cli.Commands;

/// <summary><c>lapidary chat</c>: a conversation in the terminal, or through a pipe.</summary>
internal sealed class ChatCommand : ToolCommand
{
    private const int UsualAnswerLength = 1024;

    private readonly ModelInput model = new();
    private readonly SamplingInput sampling = new();
    private readonly Option<int?> count = Values.OptionalInteger(
        "--max-tokens",
        $"An answer has at most this many tokens; what the model's files say, or {UsualAnswerLength}, where it is left out.",
        1,
        int.MaxValue,
        "-n");

    private readonly Option<string> system = Values.Text("--system", "TEXT", "What the model is told before the conversation.");
    private readonly Option<string[]> stop = Values.TextList("--stop", "TEXT", "End an answer before this text. May be repeated.");
    private readonly Option<bool> timings = new("--timings") { Description = "Show after each answer how long it took." };

    public ChatCommand()
        : base(
            "chat",
            "Talk with a model in the terminal.",
            "lapidary chat",
            "lapidary chat google/gemma-3-270m-it --system 'Answer in one sentence.' --temp 0.7",
            "printf 'Hello\\nAnd again\\n' | lapidary chat gemma-3-270m-it-Q8_0.gguf --json")
    {
        model.AddTo(this);
        foreach (Option option in new Option[] { system, count, stop, timings })
        {
            Options.Add(option);
        }

        sampling.AddTo(this);
    }

    protected override void Execute(Invocation invocation)
    {
        var watch = Stopwatch.StartNew();
        using TextGenerator generator = model.OpenText(invocation);
        if (generator.Template is null)
        {
            throw RequestException.Expected(
                generator.Model.Checkpoint.Path, "a model with a chat template (or --chat-template FILE)", "one without; lapidary run continues text");
        }

        GenerationPreset? preset = sampling.Preset(invocation);
        var settings = new ChatSettings(
            new TextGenerationOptions
            {
                Sampling = sampling.Read(invocation, generator.Defaults.Sampling),
                MaxTokens = invocation.Get(count) ?? preset?.MaxTokens ?? generator.Defaults.MaxTokens ?? UsualAnswerLength,
                StopStrings = [.. invocation.Get(stop, [])],
            })
        {
            ShowTimings = invocation.Get(timings),
            ShowPrompt = invocation.Verbose,
        };
        IMessageReader messages = Console.IsInputRedirected ? new PipedMessages(Console.In) : new TypedMessages();
        var session = new ChatSession(
            model.Title(invocation), new Conversation(generator) { SystemPrompt = invocation.Get(system) }, generator, settings, messages, invocation);
        session.Run(watch.Elapsed.TotalSeconds);
    }
}
