using System.CommandLine;
using System.Diagnostics;
using Lapidary.Cli.CommandLine;
using Lapidary.Cli.Models;
using Lapidary.Cli.Output;
using Lapidary.Inference;

namespace Lapidary.Cli.Commands;

/// <summary><c>lapidary run</c>: continues a prompt greedily, token ids in and token ids out.</summary>
internal sealed class RunCommand : ToolCommand
{
    private readonly Argument<string> model = CommonOptions.Model();
    private readonly TokenInput input = new();
    private readonly Option<string> prompt = Values.Text("--prompt", "TEXT", "A prompt as text; not supported yet.", "-p");
    private readonly Option<int> count = Values.Integer("--max-tokens", "Generate at most this many tokens.", 1, int.MaxValue, 128, "-n");
    private readonly Option<int?> context = CommonOptions.Context();
    private readonly Option<int> chunk = CommonOptions.Chunk();
    private readonly Option<int> threads = CommonOptions.Threads();
    private readonly Option<bool> exact = new("--exact") { Description = "Decode with the kernels of the prompt: slower, the same bits in any batch." };
    private readonly Option<bool> ignoreEnd = new("--ignore-eos") { Description = "Go on after the model's end-of-text and end-of-turn tokens." };

    public RunCommand()
        : base(
            "run",
            "Continue a prompt greedily: token ids in, token ids out.",
            "lapidary run --tokens 2,10,20 -n 16",
            "lapidary run google/gemma-3-270m --tokens 2,9259 -n 32 --json")
    {
        Arguments.Add(model);
        input.AddTo(this);
        foreach (Option option in new Option[] { prompt, count, context, chunk, threads, exact, ignoreEnd })
        {
            Options.Add(option);
        }
    }

    protected override void Execute(Invocation invocation)
    {
        if (invocation.Has(prompt))
        {
            throw new RequestException("--prompt: expected token ids with --tokens, found text, which is not supported yet");
        }

        int[] ids = input.Read(invocation, Name);
        string path = ModelLocator.Find(invocation.Get(model)!);
        var watch = Stopwatch.StartNew();
        using LanguageModel language = LanguageModel.Open(path, new InferenceOptions
        {
            Threads = invocation.Get(threads),
            Exact = invocation.Get(exact),
            ChunkSize = invocation.Get(chunk),
        });
        TokenInput.CheckVocabulary(ids, language.Config.VocabularySize);
        int limit = ContextLimit.For(language.Config, invocation.Get(context), ids.Length);
        int tokens = (int)Math.Min(invocation.Get(count), (long)limit - ids.Length + 1);
        using InferenceSession session = language.CreateSession(Math.Min(limit, ids.Length + tokens));
        double load = watch.Elapsed.TotalSeconds;

        int[] ends = invocation.Get(ignoreEnd) ? [] : [.. language.Config.EosTokenIds];
        var completion = new Completion(session, ends, measureProbabilities: invocation.Json);
        completion.Run(ids, tokens, invocation.Json ? null : id => Console.Out.Write($"{id} "), invocation.Cancellation);
        Show(invocation, ids, completion, load, session.CacheBytes);
        if (completion.FinishReason == Completion.Interrupted)
        {
            invocation.Kept = $"{completion.Ids.Count} tokens were printed";
            invocation.Cancellation.ThrowIfCancellationRequested();
        }
    }

    private void Show(Invocation invocation, int[] ids, Completion completion, double load, long cacheBytes)
    {
        TimingResult timings = completion.Timings(ids.Length, load);
        if (!invocation.Json)
        {
            Console.Out.WriteLine();
            Invocation.Log(
                $"load {load:0.000} s; prompt {timings.PromptTokens} tokens, {Units.Rate(timings.PromptTokensPerSecond)} tokens/s; "
                + $"generated {timings.GeneratedTokens} tokens, {Units.Rate(timings.GenerationTokensPerSecond)} tokens/s");
            return;
        }

        var result = new RunResult(
            invocation.Get(model)!, ids, completion.Ids, completion.LogProbabilities, completion.FinishReason, cacheBytes, timings);
        invocation.Present(result, ResultJson.Default.RunResult, static _ => { });
    }
}
