using System.Buffers.Binary;
using System.Text.Json.Nodes;
using Lapidary.Inference;
using Lapidary.Inference.Scoring;
using Lapidary.Tests.Common;
using Lapidary.Text;
using Lapidary.Workbench.Evaluation.Requests;
using Lapidary.Workbench.Evaluation.Running;
using Lapidary.Workbench.Evaluation.Tasks;
using Shouldly;
using Xunit;

namespace Lapidary.Workbench.Tests.Evaluation.Running;

/// <summary>Responses against an independent computation, and everything that must not change them.</summary>
public sealed class EvaluationRunnerTests : IDisposable
{
    private const int MaxLength = 96;
    private const double Tolerance = 1e-6;

    private readonly TemporaryFolder folder = new();
    private readonly string path;
    private readonly Tokenizer tokenizer;

    public EvaluationRunnerTests()
    {
        path = TinyChatModel.Write(folder["model"]);
        tokenizer = Tokenizer.Open(path);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Likelihoods_are_those_of_a_straightforward_scorer()
    {
        using LanguageModel model = Open(2);
        var scorer = new StraightforwardScorer(model, tokenizer, MaxLength);
        EvaluationRequest[] requests = [.. Requests().Where(request => request is not GenerationRequest)];
        IReadOnlyList<EvaluationResponse> responses = Run(model, requests);
        for (int i = 0; i < requests.Length; i++)
        {
            if (requests[i] is LikelihoodRequest request)
            {
                (double expected, bool greedy) = scorer.Score(request.Context, request.Continuation);
                AssertClose(responses[i].LogLikelihood, expected);
                responses[i].IsGreedy.ShouldBe(greedy);
            }
            else
            {
                AssertClose(responses[i].LogLikelihood, scorer.ScoreRolling(((RollingLikelihoodRequest)requests[i]).Text, clean: false));
            }
        }
    }

    [Fact]
    public void A_clean_perplexity_leaves_out_the_token_that_begins_a_sequence()
    {
        using LanguageModel model = Open(1);
        var scorer = new StraightforwardScorer(model, tokenizer, MaxLength);
        RollingLikelihoodRequest[] requests = [.. Requests().OfType<RollingLikelihoodRequest>()];
        IReadOnlyList<EvaluationResponse> clean = Run(model, requests, new EvaluationRunnerOptions { MaxLength = MaxLength, CleanPerplexity = true });
        for (int i = 0; i < requests.Length; i++)
        {
            AssertClose(clean[i].LogLikelihood, scorer.ScoreRolling(requests[i].Text, clean: true));
        }
    }

    [Fact]
    public void Generated_texts_are_those_of_plain_greedy_decoding_cut_at_the_stops()
    {
        using LanguageModel model = Open(2);
        var scorer = new StraightforwardScorer(model, tokenizer, MaxLength);
        GenerationRequest[] requests = [.. Requests().OfType<GenerationRequest>()];
        IReadOnlyList<EvaluationResponse> responses = Run(model, requests);
        for (int i = 0; i < requests.Length; i++)
        {
            GenerationSettings settings = requests[i].Settings;
            int[] prompt = tokenizer.Encode(requests[i].Context);
            prompt = [.. prompt.Skip(Math.Max(0, prompt.Length - (MaxLength - settings.MaxTokens)))];
            List<int> tokens = [.. scorer.Generate(prompt, settings.MaxTokens).TakeWhile(token => token != tokenizer.EosId)];
            string expected = tokenizer.Decode([.. tokens], skipSpecial: true);
            foreach (string stop in settings.Until)
            {
                expected = expected.Split(stop)[0];
            }

            responses[i].Text.ShouldBe(expected, $"request {i}");
        }

        responses.Select(response => response.Text!.Length).Distinct().Count().ShouldBeGreaterThan(2);
    }

    [Fact]
    public void Threads_batches_order_and_company_change_no_bit()
    {
        EvaluationRequest[] requests = Requests();
        using LanguageModel model = Open(1);
        EvaluationResponse[] expected = [.. requests.Select(request => Run(model, [request])[0])];
        foreach (int threads in new[] { 1, 2, 3 })
        {
            using LanguageModel other = Open(threads);
            Run(other, requests).ShouldBe(expected, $"{threads} threads");
        }

        var small = new EvaluationRunnerOptions { MaxLength = MaxLength, MaxSequences = 1, PassTokens = 13 };
        Run(model, requests, small).ShouldBe(expected);
        Run(model, [.. requests.Reverse()]).Reverse().ShouldBe(expected);
    }

    [Fact]
    public void An_evaluation_that_was_ended_goes_on_with_the_same_bits()
    {
        EvaluationRequest[] requests = Requests();
        using LanguageModel model = Open(2);
        IReadOnlyList<EvaluationResponse> expected = Run(model, requests);
        foreach (int last in new[] { 1, 5, requests.Length - 2 })
        {
            string cache = folder[$"cache-{last}.jsonl"];
            using var ending = new CancellationTokenSource();
            int answered = 0;
            Should.Throw<OperationCanceledException>(() => Run(
                model,
                requests,
                new EvaluationRunnerOptions
                {
                    MaxLength = MaxLength,
                    PassTokens = 16,
                    MaxSequences = 1,
                    CachePath = cache,
                    Answered = (_, _) =>
                    {
                        if (++answered == last)
                        {
                            ending.Cancel();
                        }
                    },
                },
                ending.Token));

            // What a kill in the middle of a line leaves.
            File.AppendAllText(cache, "{\"key\":\"0123");
            int found = 0;
            var options = new EvaluationRunnerOptions
            {
                MaxLength = MaxLength, CachePath = cache, Progress = new Listener(progress => found = progress.FromCache),
            };
            Run(model, requests, options).ShouldBe(expected);
            found.ShouldBeGreaterThanOrEqualTo(last);
            Run(model, requests, options).ShouldBe(expected);
            found.ShouldBe(requests.Length);
        }
    }

    [Fact]
    public void Responses_of_another_way_of_asking_are_not_taken()
    {
        using LanguageModel model = Open(1);
        EvaluationRequest[] requests = [.. Requests().Where(request => request is not GenerationRequest)];
        string cache = folder["cache.jsonl"];
        var options = new EvaluationRunnerOptions { MaxLength = MaxLength, CachePath = cache };
        Run(model, requests, options);
        int found = -1;
        var listener = new Listener(progress => found = progress.FromCache);
        foreach (EvaluationRunnerOptions other in new[]
        {
            options with { MaxLength = MaxLength - 1, Progress = listener },
            options with { Precision = ScorePrecision.BFloat16, Progress = listener },
            options with { CleanPerplexity = true, Progress = listener },
        })
        {
            Run(model, requests, other);
            found.ShouldBe(0);
        }
    }

    [Fact]
    public void Responses_of_another_tokenizer_are_not_taken()
    {
        using LanguageModel model = Open(1);
        string before = ModelFingerprint.Of(model, tokenizer);
        string file = Path.Combine(path, "tokenizer_config.json");
        string config = File.ReadAllText(file);
        File.WriteAllText(file, config.Replace("true", "false", StringComparison.Ordinal));
        ModelFingerprint.Of(model, Tokenizer.Open(path)).ShouldNotBe(before);
        File.WriteAllText(file, config);
        ModelFingerprint.Of(model, Tokenizer.Open(path)).ShouldBe(before);
    }

    [Fact]
    public void A_number_that_is_none_is_an_error_that_names_the_request()
    {
        Spoil(tokenizer.Encode("Z", addBos: false).ShouldHaveSingleItem());
        using LanguageModel model = Open(1);
        EvaluationRequest[] requests = [.. Enumerable.Range(0, 8).Select(i => new LikelihoodRequest(i, 0, i == 5 ? "A Z here" : $"Here are {i}", " of them"))];
        Run(model, [.. requests.Where(request => request.Document != 5)]).Count.ShouldBe(7);
        Fails(requests).ShouldStartWith("Document 5, request 0: ");
        Fails([new RollingLikelihoodRequest(0, 0, "short"), new RollingLikelihoodRequest(1, 0, "A Z is here")]).ShouldStartWith("Document 1, request 0: ");
        Fails([new GenerationRequest(2, 0, "A Z is", new GenerationSettings { MaxTokens = 2 })]).ShouldStartWith("Document 2, request 0: ");
        var named = new EvaluationRunnerOptions { MaxLength = MaxLength, Describe = request => $"words, document {10 + request.Document}" };
        Should.Throw<NonFiniteException>(() => Run(model, requests, named)).Message.ShouldStartWith("words, document 15: ");

        string Fails(EvaluationRequest[] wrong) => Should.Throw<NonFiniteException>(() => Run(model, wrong)).Message;
    }

    [Fact]
    public void Drawn_texts_depend_on_the_seed_and_the_request_alone()
    {
        using LanguageModel model = Open(2);
        var settings = new GenerationSettings { MaxTokens = 12, Sample = true, Temperature = 1.5 };
        EvaluationRequest[] requests = [.. Enumerable.Range(0, 4).Select(i => new GenerationRequest(i / 2, i % 2, "The same", settings))];
        var options = new EvaluationRunnerOptions { MaxLength = MaxLength, Seed = 7 };
        IReadOnlyList<EvaluationResponse> drawn = Run(model, requests, options);
        drawn.Distinct().Count().ShouldBe(4);
        Run(model, [.. requests.Reverse()], options with { MaxSequences = 2 }).Reverse().ShouldBe(drawn);
        Run(model, requests, options with { Seed = 8 }).ShouldNotBe(drawn);
    }

    [Fact]
    public void The_work_is_counted_in_tokens()
    {
        using LanguageModel model = Open(1);
        EvaluationRequest[] requests = Requests();
        var options = new EvaluationRunnerOptions { MaxLength = MaxLength, CachePath = folder["work.jsonl"] };
        using (var runner = new EvaluationRunner(model, tokenizer, options))
        {
            runner.Work.ShouldBe(new EvaluationWork(0, TimeSpan.Zero, 0, TimeSpan.Zero));
            runner.Run([requests[^1]], TestContext.Current.CancellationToken);

            // Of "x" at most 30 tokens follow, and no stop text comes; the model may end by itself.
            runner.Work.PromptTokens.ShouldBe(tokenizer.Encode("x").Length);
            runner.Work.GeneratedTokens.ShouldBeInRange(1, 30);
            long generated = runner.Work.GeneratedTokens;
            runner.Run([requests[0]], TestContext.Current.CancellationToken);
            runner.Work.GeneratedTokens.ShouldBe(generated);
            runner.Work.PromptTokens.ShouldBe(tokenizer.Encode("x").Length + tokenizer.Encode("The answer is A").Length - 1, "the last token is only predicted");
            (runner.Work.PromptTokensPerSecond > 0).ShouldBeTrue();
        }

        // What is known takes nothing.
        using var again = new EvaluationRunner(model, tokenizer, options);
        again.Run([requests[^1], requests[0]], TestContext.Current.CancellationToken);
        (again.Work.PromptTokens, again.Work.GeneratedTokens, again.Work.PromptTokensPerSecond, again.Work.GeneratedTokensPerSecond).ShouldBe((0L, 0L, null, null));
    }

    [Fact]
    public void Progress_counts_to_the_end()
    {
        using LanguageModel model = Open(1);
        EvaluationRequest[] requests = Requests();
        var seen = new List<EvaluationProgress>();
        Run(model, requests, new EvaluationRunnerOptions { MaxLength = MaxLength, Progress = new Listener(seen.Add) });
        seen[0].Done.ShouldBe(0);
        seen[^1].Done.ShouldBe(requests.Length);
        seen[^1].Total.ShouldBe(requests.Length);
        seen[^1].Remaining.ShouldBe(TimeSpan.Zero);
        seen.Select(progress => progress.Done).ShouldBeInOrder();
    }

    [Fact]
    public void What_cannot_be_asked_is_refused_with_a_sentence()
    {
        using LanguageModel model = Open(1);
        Refused(new LikelihoodRequest(3, 1, "Context", string.Empty)).ShouldBe("Document 3, request 1: the continuation has no tokens of its own behind its context.");
        Refused(new LikelihoodRequest(0, 0, "a", new string('x', 300))).ShouldContain("at most 96, the length of the context, were expected");
        Refused(new GenerationRequest(0, 0, "a", new GenerationSettings { MaxTokens = 96 })).ShouldContain("leaves no room for a prompt");
        using LanguageModel fast = LanguageModel.Open(path, new InferenceOptions { Threads = 1 });
        Should.Throw<ArgumentException>(() => new EvaluationRunner(fast, tokenizer)).Message.ShouldContain("exact");

        string Refused(EvaluationRequest request) => Should.Throw<EvaluationException>(() => Run(model, [request])).Message;
    }

    private static void AssertClose(double actual, double expected) =>
        Math.Abs(actual - expected).ShouldBeAtMost(Tolerance * Math.Max(1, Math.Abs(expected)));

    // Questions with letters and with sentences, shared examples, white space at the end, nothing before, too much before.
    private static EvaluationRequest[] Requests()
    {
        const string Examples = "Question: Is water wet?\nAnswer: yes\n\nQuestion: Is fire cold?\nAnswer: no\n\n";
        string longText = string.Concat(Enumerable.Range(0, 90).Select(i => $"line {i} of a long text\n"));
        var until = new GenerationSettings { MaxTokens = 20, Until = ["e", "q", "a"] };
        return
        [
            .. Enumerable.Range(0, 4).Select(i => new LikelihoodRequest(0, i, "The answer is", $" {"ABCD"[i]}")),
            .. Enumerable.Range(0, 4).Select(i => new LikelihoodRequest(1, i, Examples + "Question: Is ice hot?\nAnswer:", $" {"ABCD"[i]}{new string('e', 5 * i)}")),
            new LikelihoodRequest(2, 0, Examples + "Question: Who? \n ", "He  "),
            new LikelihoodRequest(3, 0, string.Empty, "Nothing before."),
            new LikelihoodRequest(4, 0, string.Empty, "<bos>A beginning."),
            new LikelihoodRequest(5, 0, "<bos><start_of_turn>user\nHello<end_of_turn>\n<start_of_turn>model\n", "Hi"),
            new LikelihoodRequest(6, 0, longText, " the end"),
            new LikelihoodRequest(7, 0, " \n", "Only white space before."),
            new RollingLikelihoodRequest(8, 0, longText),
            new RollingLikelihoodRequest(9, 0, "short"),
            new RollingLikelihoodRequest(10, 0, longText[..500]),
            new GenerationRequest(11, 0, "The answer is", new GenerationSettings { MaxTokens = 8 }),
            new GenerationRequest(12, 0, Examples, until),
            new GenerationRequest(13, 0, Examples + "Question:", until),
            new GenerationRequest(14, 0, longText, new GenerationSettings { MaxTokens = 40, Until = ["in", "."] }),
            new GenerationRequest(15, 0, "x", new GenerationSettings { MaxTokens = 30, Until = ["zzz"] }),
        ];
    }

    // The row of a token becomes so large that its square is none that a float can hold; as an output it only makes the token likely.
    private void Spoil(int token)
    {
        string file = Path.Combine(path, "model.safetensors");
        byte[] bytes = File.ReadAllBytes(file);
        int header = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        JsonNode embedding = JsonNode.Parse(bytes.AsSpan(8, header))!["model.embed_tokens.weight"]!;
        embedding["dtype"]!.GetValue<string>().ShouldBe("F32");
        int width = embedding["shape"]![1]!.GetValue<int>();
        int row = 8 + header + embedding["data_offsets"]![0]!.GetValue<int>() + (token * width * sizeof(float));
        for (int i = 0; i < width; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(row + (i * sizeof(float))), 1e30f);
        }

        File.WriteAllBytes(file, bytes);
    }

    private LanguageModel Open(int threads) => LanguageModel.Open(path, new InferenceOptions { Threads = threads, Exact = true, ChunkSize = 32 });

    private IReadOnlyList<EvaluationResponse> Run(
        LanguageModel model, IReadOnlyList<EvaluationRequest> requests, EvaluationRunnerOptions? options = null, CancellationToken? cancellation = null)
    {
        using var runner = new EvaluationRunner(model, tokenizer, options ?? new EvaluationRunnerOptions { MaxLength = MaxLength });
        return runner.Run(requests, cancellation ?? TestContext.Current.CancellationToken);
    }

    private sealed class Listener(Action<EvaluationProgress> report) : IProgress<EvaluationProgress>
    {
        public void Report(EvaluationProgress value) => report(value);
    }
}
