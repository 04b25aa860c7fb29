using System.Collections.Immutable;
using System.Text.Json;
using Lapidary.Inference;
using Lapidary.Inference.Generation;
using Lapidary.Inference.Sampling;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Tests.Inference.Generation;

/// <summary>The decode loop: what it gives, alone and in company, and what it keeps.</summary>
public class TokenGeneratorTests
{
    public static TheoryData<string> Fixed => ["g3-tiny-a", "g3-tiny-a-bf16", "g3-tiny-b", "g3-tiny-b-bf16"];

    [Theory]
    [MemberData(nameof(Fixed))]
    public async Task Greedy_tokens_are_those_of_the_fixtures(string name)
    {
        string path = Path.Combine(Fixtures.PathOf(name), "expected", "greedy.json");
        using JsonDocument expected = JsonDocument.Parse(await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken));
        int[] prompt = Ids(expected, "prompt"), greedy = Ids(expected, "generated");
        foreach (bool exact in new[] { true, false })
        {
            using LanguageModel model = LanguageModel.Open(Fixtures.PathOf(name), new InferenceOptions { Threads = 2, Exact = exact, ChunkSize = 5 });
            using var generator = new TokenGenerator(model);
            GenerationRequest request = Generating.Endless(prompt, greedy.Length) with { Sampling = SamplingOptions.Greedy };
            (await generator.TokensAsync(request)).ShouldBe(greedy);
        }
    }

    [Theory]
    [InlineData("g3-tiny-a", true)]
    [InlineData("g3-tiny-a", false)]
    [InlineData("gguf/wide-Q4_K_M.gguf", true)]
    [InlineData("gguf/wide-Q4_K_M.gguf", false)]
    [InlineData("gguf/narrow-Q8_0.gguf", false)]
    public async Task A_sequence_has_the_same_probabilities_bit_for_bit_alone_and_among_others(string name, bool exact)
    {
        using LanguageModel model = LanguageModel.Open(Fixtures.PathOf(name), new InferenceOptions { Threads = 2, Exact = exact, ChunkSize = 16 });
        GenerationRequest[] requests =
        [
            .. Enumerable.Range(0, 7).Select(i => Generating.Endless([2, .. Enumerable.Range(1, 3 + (i * 9)).Select(k => k * (i + 7) % 270)], 12 + (i * 5))
                with { LogProbabilities = 3, Sampling = new SamplingOptions { Seed = (ulong)i, TopK = 40 } }),
        ];
        var alone = new List<List<GenerationStep>>();
        foreach (GenerationRequest request in requests)
        {
            using var generator = new TokenGenerator(model);
            alone.Add(await generator.AllAsync(request));
        }

        using var shared = new TokenGenerator(model, new TokenGeneratorOptions { MaxSequences = 3 });
        List<GenerationStep>[] together = await Task.WhenAll(requests.Select(request => shared.AllAsync(request)));
        for (int i = 0; i < requests.Length; i++)
        {
            Describe(together[i]).ShouldBe(Describe(alone[i]), $"request {i}");
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_prompt_that_extends_what_is_cached_processes_only_the_new_tokens(bool exact)
    {
        // Windows of 16: the second turn goes back less than the rings remember.
        using LanguageModel model = LanguageModel.Open(Fixtures.PathOf("g3-tiny-a"), new InferenceOptions { Threads = 2, Exact = exact });
        using var generator = new TokenGenerator(model);
        using var fresh = new TokenGenerator(model);
        int[] prompt = [2, .. Enumerable.Range(1, 70).Select(i => i * 31 % 500)];
        GenerationRequest first = Scored(prompt, 300);
        List<GenerationStep> answer = await generator.AllAsync(first);
        answer[^1].End!.CachedTokens.ShouldBe(0);

        // The last token was not processed. The next turn goes on behind the answer; another one says something else from its middle on.
        int[] tokens = Generating.Tokens(answer);
        foreach (int kept in new[] { tokens.Length, 200 })
        {
            int[] next = [.. prompt, .. tokens.AsSpan(0, kept), 7, 8, 9];
            List<GenerationStep> reused = await generator.AllAsync(Scored(next, 20));
            reused[0].Prompt!.CachedTokens.ShouldBe(prompt.Length + Math.Min(kept, tokens.Length - 1));
            List<GenerationStep> anew = await fresh.AllAsync(Scored(next, 20) with { PromptLogProbabilities = true });
            anew[0].Prompt!.CachedTokens.ShouldBe(0);
            if (exact)
            {
                Describe(reused).ShouldBe(Describe(anew));
            }
        }
    }

    [Fact]
    public async Task A_window_that_has_moved_on_too_far_makes_the_prompt_run_again_with_the_same_bits()
    {
        // A chunk of 8 leaves the rings (in blocks of 64) no more than that beyond the window of 16.
        using LanguageModel model = LanguageModel.Open(Fixtures.PathOf("g3-tiny-a"), new InferenceOptions { Threads = 2, Exact = true, ChunkSize = 8 });
        using var generator = new TokenGenerator(model);
        using var fresh = new TokenGenerator(model);
        int[] prompt = [2, .. Enumerable.Range(1, 40).Select(i => i * 31 % 500)];
        await generator.AllAsync(Scored(prompt, 200));
        List<GenerationStep> again = await generator.AllAsync(Scored([.. prompt, 5], 10));
        again[0].Prompt!.CachedTokens.ShouldBe(0);
        Describe(again).ShouldBe(Describe(await fresh.AllAsync(Scored([.. prompt, 5], 10))));
    }

    [Fact]
    public async Task Prompt_probabilities_are_those_of_the_logits_and_change_nothing()
    {
        using LanguageModel model = LanguageModel.Open(Fixtures.PathOf("g3-tiny-b"), new InferenceOptions { Threads = 2, ChunkSize = 9 });
        using var generator = new TokenGenerator(model);
        int[] prompt = [2, .. Enumerable.Range(1, 30).Select(i => i * 17 % 300)];
        List<GenerationStep> steps = await generator.AllAsync(Scored(prompt, 4) with { PromptLogProbabilities = true });
        ImmutableArray<ScoredToken> scores = steps[0].Prompt!.Scores;
        scores.Length.ShouldBe(prompt.Length - 1);
        using InferenceSession session = model.CreateSession(64);
        session.ProcessAll(prompt, (first, count, logits) =>
        {
            for (int i = 0; i < count && first + i + 1 < prompt.Length; i++)
            {
                double[] row = [.. logits.Slice(i * 320, 320).ToArray().Select(value => (double)value)];
                double logTotal = Math.Log(row.Sum(Math.Exp));
                ScoredToken score = scores[first + i];
                score.Token.ShouldBe(prompt[first + i + 1]);
                score.LogProbability.ShouldBe(row[score.Token] - logTotal, 1e-5);
                score.Alternatives.Select(other => other.Token).ShouldBe(
                    Enumerable.Range(0, 320).OrderByDescending(id => row[id]).ThenBy(id => id).Take(3));
                score.Alternatives[0].LogProbability.ShouldBe(row.Max() - logTotal, 1e-5);
            }
        });
        List<GenerationStep> without = await generator.AllAsync(Scored(prompt, 4));
        Describe(without).ShouldBe(Describe(steps));
        (await generator.AllAsync(Scored(prompt, 0) with { PromptLogProbabilities = true })).ShouldHaveSingleItem().End!.GeneratedTokens.ShouldBe(0);
    }

    [Fact]
    public async Task It_ends_for_the_right_reason()
    {
        using LanguageModel model = LanguageModel.Open(Fixtures.PathOf("g3-tiny-a"), new InferenceOptions { Threads = 1 });
        using var generator = new TokenGenerator(model, new TokenGeneratorOptions { ContextLength = 20 });
        GenerationRequest request = Generating.Endless([2, 3, 4], 5) with { Sampling = SamplingOptions.Greedy };
        List<GenerationStep> steps = await generator.AllAsync(request);
        steps.Count(step => step.End is not null).ShouldBe(1);
        GenerationSummary end = steps[^1].End!;
        (end.Reason, end.PromptTokens, end.GeneratedTokens).ShouldBe((FinishReason.MaxTokens, 3, 5));
        int[] tokens = Generating.Tokens(steps);

        end = (await generator.AllAsync(request with { MaxTokens = null }))[^1].End!;
        (end.Reason, end.GeneratedTokens).ShouldBe((FinishReason.ContextFull, 18));
        end = (await generator.AllAsync(request with { StopTokens = [tokens[3]] }))[^1].End!;
        (end.Reason, end.GeneratedTokens).ShouldBe((FinishReason.StopToken, Array.IndexOf(tokens, tokens[3]) + 1));
        end = (await generator.AllAsync(request with { StopWhen = token => token == tokens[3] }))[^1].End!;
        (end.Reason, end.GeneratedTokens).ShouldBe((FinishReason.StopCondition, Array.IndexOf(tokens, tokens[3]) + 1));
    }

    [Fact]
    public async Task The_same_seed_gives_the_same_tokens_and_the_seed_that_was_taken_is_told()
    {
        using LanguageModel model = LanguageModel.Open(Fixtures.PathOf("g3-tiny-a"), new InferenceOptions { Threads = 2 });
        using var generator = new TokenGenerator(model);
        GenerationRequest request = Generating.Endless([2, 9], 40) with { Sampling = new SamplingOptions { Temperature = 3 } };
        List<GenerationStep> free = await generator.AllAsync(request);
        ulong seed = free[^1].End!.Seed;
        (await generator.TokensAsync(request with { Sampling = request.Sampling with { Seed = seed } })).ShouldBe(Generating.Tokens(free));
        (await generator.TokensAsync(request with { Sampling = request.Sampling with { Seed = seed + 1 } })).ShouldNotBe(Generating.Tokens(free));
    }

    [Fact]
    public async Task Cancelling_leaving_failing_and_disposing_end_one_sequence_and_not_the_others()
    {
        using LanguageModel model = LanguageModel.Open(Fixtures.PathOf("g3-tiny-a"), new InferenceOptions { Threads = 2 });
        var generator = new TokenGenerator(model);
        Task<List<GenerationStep>> other = generator.AllAsync(Generating.Endless([2, 5], 300));
        using var cancel = new CancellationTokenSource();
        int seen = 0;
        await Should.ThrowAsync<OperationCanceledException>(async () =>
        {
            await foreach (GenerationStep step in generator.GenerateAsync(Generating.Endless([2, 6], 3000), cancel.Token))
            {
                if (++seen == 5)
                {
                    await cancel.CancelAsync();
                }
            }
        });
        seen.ShouldBe(5);
        await foreach (GenerationStep step in generator.GenerateAsync(Generating.Endless([2, 7], 3000), TestContext.Current.CancellationToken))
        {
            break;
        }

        InvalidOperationException thrown = await Should.ThrowAsync<InvalidOperationException>(() => generator.AllAsync(
            Generating.Endless([2, 8], 30) with { StopWhen = _ => throw new InvalidOperationException("mine") }));
        thrown.Message.ShouldBe("mine");
        (await other).Count.ShouldBe(300);

        Task<List<GenerationStep>> long1 = generator.AllAsync(Generating.Endless([2, 5], 4000)), long2 = generator.AllAsync(Generating.Endless([2, 6], 4000));
        generator.Dispose();
        generator.Dispose();
        await Should.ThrowAsync<ObjectDisposedException>(() => long1);
        await Should.ThrowAsync<ObjectDisposedException>(() => long2);
        Should.Throw<ObjectDisposedException>(() => generator.GenerateAsync(Generating.Endless([2], 1), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_sequence_whose_numbers_overflow_fails_alone()
    {
        using var folder = new TemporaryFolder();
        foreach (string file in new[] { "config.json", "model.safetensors" })
        {
            File.Copy(Path.Combine(Fixtures.PathOf("g3-tiny-a"), file), folder[file]);
        }

        long offset;
        using (var file = Lapidary.Checkpoints.SafetensorsFile.Open(folder["model.safetensors"]))
        {
            offset = file.Tensors["model.embed_tokens.weight"].Offset;
        }

        using (FileStream stream = File.OpenWrite(folder["model.safetensors"]))
        {
            // The embedding of token 7: finite, but its square is not.
            stream.Position = offset + (7 * 64 * sizeof(float));
            stream.Write(BitConverter.GetBytes(1e30f));
        }

        using LanguageModel model = LanguageModel.Open(folder.Path, new InferenceOptions { Threads = 2 });
        using var generator = new TokenGenerator(model);
        var sampling = new SamplingOptions { Seed = 1, LogitBias = ImmutableDictionary<int, float>.Empty.Add(7, float.NegativeInfinity) };
        Task<int[]>[] sound = [.. Enumerable.Range(0, 3).Select(i => generator.TokensAsync(Generating.Endless([2, 20 + i, 4], 60) with { Sampling = sampling }))];
        NonFiniteException thrown = await Should.ThrowAsync<NonFiniteException>(() =>
            generator.TokensAsync(Generating.Endless([2, 7, 4], 60) with { Sampling = sampling }));
        thrown.Message.ShouldContain(folder.Path);
        foreach (int[] tokens in await Task.WhenAll(sound))
        {
            tokens.Length.ShouldBe(60);
        }
    }

    [Fact]
    public async Task A_reader_that_does_not_come_holds_up_only_itself_and_gives_its_place_back_when_it_is_cancelled()
    {
        using LanguageModel model = LanguageModel.Open(Fixtures.PathOf("g3-tiny-a"), new InferenceOptions { Threads = 1 });
        using var generator = new TokenGenerator(model, new TokenGeneratorOptions { MaxSequences = 1 });
        using var cancel = new CancellationTokenSource();
        int computed = 0;
        GenerationRequest slow = Generating.Endless([2, 6], 1000) with { StopWhen = _ => Interlocked.Increment(ref computed) < 0 };
        await using (IAsyncEnumerator<GenerationStep> idle = generator.GenerateAsync(slow, cancel.Token).GetAsyncEnumerator(TestContext.Current.CancellationToken))
        {
            (await idle.MoveNextAsync()).ShouldBeTrue();
            Task<int[]> next = generator.TokensAsync(Generating.Endless([2, 7], 3));
            for (int i = 0; i < 30; i++)
            {
                (await idle.MoveNextAsync()).ShouldBeTrue();
            }

            next.IsCompleted.ShouldBeFalse();
            await cancel.CancelAsync();
            (await next).Length.ShouldBe(3);
            await Should.ThrowAsync<OperationCanceledException>(async () => await idle.MoveNextAsync());
        }

        computed.ShouldBeInRange(31, 60);
    }

    [Fact]
    public void Wrong_requests_are_refused_before_anything_runs()
    {
        using LanguageModel model = LanguageModel.Open(Fixtures.PathOf("g3-tiny-a"), new InferenceOptions { Threads = 1 });
        using var generator = new TokenGenerator(model, new TokenGeneratorOptions { ContextLength = 4 });
        Refused([]).ShouldContain("no tokens");
        Refused([2, 512]).ShouldContain("Token 512");
        Refused([2, 3, 4, 5, 6]).ShouldContain("5 tokens where at most 4");
        Should.Throw<ArgumentOutOfRangeException>(() => new TokenGenerator(model, new TokenGeneratorOptions { ContextLength = 1 << 20 }));

        string Refused(int[] prompt) =>
            Should.Throw<ArgumentException>(() => generator.GenerateAsync(Generating.Endless(prompt, 1), TestContext.Current.CancellationToken)).Message;
    }

    private static GenerationRequest Scored(int[] prompt, int tokens) =>
        Generating.Endless(prompt, tokens) with { Sampling = new SamplingOptions { Seed = 11, TopP = 0.9f }, LogProbabilities = 3 };

    // Tokens and probabilities down to the last bit.
    private static string Describe(IEnumerable<GenerationStep> steps) => string.Join("; ", steps.Select(step =>
        $"{step.Token} {step.Score?.LogProbability:R} {string.Join(' ', step.Score?.Alternatives.Select(other => $"{other.Token}:{other.LogProbability:R}") ?? [])}"));

    private static int[] Ids(JsonDocument document, string name) =>
        [.. document.RootElement.GetProperty(name).EnumerateArray().Select(id => id.GetInt32())];
}
