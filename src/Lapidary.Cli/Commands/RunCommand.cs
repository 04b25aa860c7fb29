using System.Collections.Immutable;
using System.CommandLine;
using System.Diagnostics;
using Lapidary.Cli.CommandLine;
using Lapidary.Cli.Commands.Generation;
using Lapidary.Cli.Output;
using Lapidary.Cli.Terminal;
using Lapidary.Inference;
using Lapidary.Inference.Generation;
using Lapidary.Inference.Sampling;
using Lapidary.Text;

namespace Lapidary.Cli.Commands;

/// <summary><c>lapidary run</c>: one answer to a text, or one continuation of token ids.</summary>
internal sealed class RunCommand : ToolCommand
{
    private const int UsualTextLength = 512;
    private const int UsualTokenCount = 128;

    private readonly ModelInput model = new();
    private readonly PromptInput prompt = new();
    private readonly TokenInput tokens = new();
    private readonly SamplingInput sampling = new();
    private readonly Option<int?> count = Values.OptionalInteger(
        "--max-tokens", $"Generate at most this many tokens; what the model's files say, or {UsualTextLength}, where it is left out.", 1, int.MaxValue, "-n");

    private readonly Option<string> system = Values.Text("--system", "TEXT", "What the model is told before the prompt.");
    private readonly Option<bool> raw = new("--raw") { Description = "Continue the text as it stands, without the chat template." };
    private readonly Option<string[]> stop = Values.TextList("--stop", "TEXT", "End the answer before this text. May be repeated.");
    private readonly Option<bool> ignoreEnd = new("--ignore-eos") { Description = "Go on after the model's end-of-text and end-of-turn tokens." };
    private readonly Option<int?> alternatives = Values.OptionalInteger(
        "--logprobs", "With --json: the N most likely tokens of every place beside the chosen one.", 0, 1000);

    private readonly Option<bool> promptProbabilities = new("--prompt-logprobs") { Description = "With --json: the log-probabilities of the prompt's tokens too." };

    public RunCommand()
        : base(
            "run",
            "Answer one prompt: text in and out, or token ids in and out.",
            "lapidary run -p 'Why is the sky blue?'",
            "lapidary run google/gemma-3-270m-it -p 'Write a haiku.' --temp 0.7 --seed 1 --json",
            "lapidary run google/gemma-3-270m --raw -p 'Once upon a time' -n 64",
            "lapidary run --tokens 2,10,20 -n 16")
    {
        model.AddTo(this);
        prompt.AddTo(this);
        tokens.AddTo(this);
        foreach (Option option in new Option[] { count, system, raw, stop, ignoreEnd })
        {
            Options.Add(option);
        }

        sampling.AddTo(this);
        Options.Add(alternatives);
        Options.Add(promptProbabilities);
    }

    public override IReadOnlyList<string>? StepExtensions => [];

    protected override void Execute(Invocation invocation)
    {
        if (tokens.IsGiven(invocation))
        {
            RunTokens(invocation);
        }
        else
        {
            RunText(invocation);
        }
    }

    private void RunText(Invocation invocation)
    {
        string text = prompt.Read(invocation, Name);
        var watch = Stopwatch.StartNew();
        using TextGenerator generator = model.OpenText(invocation);
        double load = watch.Elapsed.TotalSeconds;
        GenerationPreset? preset = sampling.Preset(invocation);
        (string rendered, int[] ids) = Encode(invocation, generator, text);
        if (invocation.Verbose)
        {
            Invocation.Log("prompt: " + rendered);
        }

        ContextLimit.CheckPrompt(ids.Length, generator.Tokens.ContextLength, "the prompt");
        TokenInput.CheckVocabulary(generator.Model.Checkpoint.Path, ids, generator.Model.Config.VocabularySize);
        var options = new TextGenerationOptions
        {
            Sampling = sampling.Read(invocation, generator.Defaults.Sampling),
            MaxTokens = invocation.Get(count) ?? preset?.MaxTokens ?? generator.Defaults.MaxTokens ?? UsualTextLength,
            StopStrings = [.. invocation.Get(stop, [])],
            StopTokens = invocation.Get(ignoreEnd) ? [] : null,
            LogProbabilities = invocation.Json ? invocation.Get(alternatives) ?? 0 : null,
            PromptLogProbabilities = invocation.Json && invocation.Get(promptProbabilities),
        };
        var answer = new Answer();
        var output = new AnswerOutput(invocation.Json);
        answer.Collect(generator.GenerateAsync([.. ids], options), step => output.Write(step.Text), invocation.Cancellation);
        output.End();
        Show(invocation, answer, load, generator.Tokens.CacheBytes, rendered, ids, generator.Tokenizer);
    }

    private void RunTokens(Invocation invocation)
    {
        int[] ids = tokens.Read(invocation, Name);
        if (prompt.IsGiven(invocation))
        {
            throw RequestException.Expected(Name, "a prompt as text or as token ids", "both");
        }

        var watch = Stopwatch.StartNew();
        using LanguageModel network = model.OpenNetwork(invocation);
        TokenInput.CheckVocabulary(ids, network.Config.VocabularySize);
        int limit = ContextLimit.For(network.ContextLength, model.Context(invocation), ids.Length);
        using var generator = new TokenGenerator(network, new TokenGeneratorOptions { MaxSequences = 1, ContextLength = limit });
        double load = watch.Elapsed.TotalSeconds;
        var request = new GenerationRequest
        {
            Prompt = [.. ids],

            // Ids are for those who compare: greedy, unless an option says otherwise.
            Sampling = sampling.Read(invocation, SamplingOptions.Greedy),
            MaxTokens = invocation.Get(count) ?? UsualTokenCount,
            StopTokens = invocation.Get(ignoreEnd) ? [] : null,
            LogProbabilities = invocation.Json ? invocation.Get(alternatives) ?? 0 : null,
            PromptLogProbabilities = invocation.Json && invocation.Get(promptProbabilities),
        };
        var answer = new Answer();
        answer.Collect(
            AsText(generator.GenerateAsync(request, invocation.Cancellation)),
            step =>
            {
                if (!invocation.Json && step.Token is int token)
                {
                    Console.Out.Write($"{token} ");
                }
            },
            invocation.Cancellation);
        if (!invocation.Json)
        {
            Console.Out.WriteLine();
        }

        Show(invocation, answer, load, generator.CacheBytes, null, ids, null);
    }

    private (string Rendered, int[] Ids) Encode(Invocation invocation, TextGenerator generator, string text)
    {
        if (invocation.Get(raw) || generator.Template is null)
        {
            if (invocation.Has(system))
            {
                throw RequestException.Expected(
                    "--system", "a model with a chat template", invocation.Get(raw) ? "--raw, which uses none" : "a model without one");
            }

            return (text, generator.Tokenizer.Encode(text));
        }

        List<ChatTemplateMessage> messages = [new("user", text)];
        if (invocation.Get(system) is { } instructions)
        {
            messages.Insert(0, new ChatTemplateMessage("system", instructions));
        }

        string rendered = generator.Render(new ChatTemplateInput { Messages = messages }, invocation.Cancellation);
        return (rendered, generator.Tokenizer.Encode(rendered));
    }

    private void Show(
        Invocation invocation, Answer answer, double load, long cacheBytes, string? rendered, int[] ids, Tokenizer? tokenizer)
    {
        TimingResult timings = answer.Timings(ids.Length, load);
        if (invocation.Json)
        {
            invocation.Present(
                new RunResult(
                    model.Name(invocation),
                    model.Adapters(invocation),
                    rendered,
                    ids,
                    rendered is null ? null : answer.Text,
                    answer.Ids,
                    tokenizer is null ? null : [.. answer.Ids.Select(id => PieceOf(id, tokenizer)!)],
                    [.. answer.Scores.Select(score => score.LogProbability)],
                    invocation.Has(alternatives) ? [.. answer.Scores.Select(score => Alternatives(score, tokenizer))] : null,
                    invocation.Get(promptProbabilities) ? [.. answer.Prompt?.Scores.Select(score => score.LogProbability) ?? []] : null,
                    answer.FinishReason,
                    answer.StopString,
                    answer.End?.Seed,
                    cacheBytes,
                    timings),
                ResultJson.Default.RunResult,
                static _ => { });
        }
        else
        {
            Invocation.Log(
                $"load {load:0.000} s; prompt {timings.PromptTokens} tokens, {Units.Rate(timings.PromptTokensPerSecond)} tokens/s; "
                + $"generated {timings.GeneratedTokens} tokens, {Units.Rate(timings.GenerationTokensPerSecond)} tokens/s");
        }

        if (answer.End is null)
        {
            invocation.Kept = $"{answer.Ids.Count} tokens were printed";
            invocation.Cancellation.ThrowIfCancellationRequested();
        }
    }

    private static IReadOnlyList<AlternativeResult> Alternatives(ScoredToken score, Tokenizer? tokenizer) =>
        [.. score.Alternatives.Select(other => new AlternativeResult(other.Token, PieceOf(other.Token, tokenizer), other.LogProbability))];

    // A network may have more rows than its tokenizer has pieces.
    private static string? PieceOf(int id, Tokenizer? tokenizer) =>
        tokenizer is null ? null : id < tokenizer.VocabularySize ? tokenizer.PieceOf(id) : string.Empty;

    private static async IAsyncEnumerable<TextStep> AsText(IAsyncEnumerable<GenerationStep> steps)
    {
        await foreach (GenerationStep step in steps.ConfigureAwait(false))
        {
            yield return new TextStep(string.Empty, step.Token, null, step.Score, step.Prompt, step.End, null);
        }
    }
}
