using System.Collections.Immutable;
using Lapidary.Inference;
using Lapidary.Inference.Generation;
using Lapidary.Inference.Sampling;
using Lapidary.Tests.Common;
using Lapidary.Text;
using Shouldly;
using Xunit;

namespace Lapidary.Tests.Inference.Generation;

/// <summary>Text over the decode loop, on a model that talks gibberish: half characters, stop strings, turns.</summary>
public sealed class TextGeneratorTests : IDisposable
{
    private static readonly TextGenerationOptions Greedy = new() { Sampling = SamplingOptions.Greedy, MaxTokens = 40, StopTokens = [] };

    private readonly TemporaryFolder folder = new();
    private readonly TextGenerator generator;

    public TextGeneratorTests()
    {
        generator = TextGenerator.Open(TinyChatModel.Write(folder["model"]), new InferenceOptions { Threads = 2, Exact = true });
    }

    public void Dispose()
    {
        generator.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task The_text_is_that_of_the_tokens_and_comes_in_whole_characters()
    {
        foreach (ulong seed in Enumerable.Range(0, 10).Select(i => (ulong)i))
        {
            TextGenerationOptions options = Greedy with { Sampling = new SamplingOptions { Seed = seed, Temperature = 2 }, MaxTokens = 120 };
            var steps = new List<TextStep>();
            await foreach (TextStep step in generator.CompleteAsync("hello", options, TestContext.Current.CancellationToken))
            {
                // Never half a pair of surrogates.
                (step.Text.Length > 0 && (char.IsHighSurrogate(step.Text[^1]) || char.IsLowSurrogate(step.Text[0]))).ShouldBeFalse();

                // The network has more rows than the tokenizer has pieces, as some of the real ones do.
                bool known = step.Token < generator.Tokenizer.VocabularySize;
                step.Piece.ShouldBe(known ? generator.Tokenizer.PieceOf(step.Token!.Value) : null);
                steps.Add(step);
            }

            int[] ids = [.. steps.Select(step => step.Token!.Value).Where(id => id < generator.Tokenizer.VocabularySize)];
            string.Concat(steps.Select(step => step.Text)).ShouldBe(generator.Tokenizer.Decode(ids, skipSpecial: true));
            steps[0].Prompt!.Tokens.ShouldBe(generator.Tokenizer.Encode("hello").Length);
        }
    }

    [Fact]
    public async Task A_stop_string_inside_and_across_tokens_ends_the_text_before_it()
    {
        TextResult whole = await Collect("tell me", Greedy);
        whole.End.Reason.ShouldBe(FinishReason.MaxTokens);
        whole.Text.Length.ShouldBeGreaterThan(10);
        for (int start = 3; start < whole.Text.Length - 5; start += 4)
        {
            string stop = whole.Text.Substring(start, 4);
            TextResult stopped = await Collect("tell me", Greedy with { StopStrings = [stop, "never in there"] });
            stopped.Text.ShouldBe(whole.Text[..whole.Text.IndexOf(stop, StringComparison.Ordinal)]);
            stopped.StopString.ShouldBe(stop);
            stopped.End.Reason.ShouldBe(FinishReason.StopCondition);
            whole.Tokens.AsSpan()[..stopped.Tokens.Length].SequenceEqual(stopped.Tokens.AsSpan()).ShouldBeTrue();
            stopped.Tokens.Length.ShouldBeLessThanOrEqualTo(whole.Tokens.Length);
        }
    }

    [Fact]
    public async Task Stop_tokens_come_from_configuration_tokenizer_and_template()
    {
        generator.StopTokens.ShouldBe([1, 5], ignoreOrder: true);
        ImmutableDictionary<int, float> certain = ImmutableDictionary<int, float>.Empty.Add(5, 1000);
        TextResult result = await Collect("x", Greedy with { StopTokens = null, Sampling = SamplingOptions.Greedy with { LogitBias = certain } });
        (result.Text, result.End.Reason, result.End.GeneratedTokens).ShouldBe((string.Empty, FinishReason.StopToken, 1));
        result.Tokens.ShouldBe([5]);
    }

    [Fact]
    public async Task A_conversation_is_rendered_with_one_bos_and_goes_on_from_the_cache()
    {
        var conversation = new Conversation(generator) { SystemPrompt = "Be brief." };
        TextResult first = await TextResult.CollectAsync(
            conversation.SendAsync("hello", Greedy, TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
        conversation.LastPrompt.ShouldBe(
            "<bos><start_of_turn>system\nBe brief.<end_of_turn>\n<start_of_turn>user\nhello<end_of_turn>\n<start_of_turn>model\n");
        int[] ids = generator.Tokenizer.Encode(conversation.LastPrompt);
        ids.Count(id => id == generator.Tokenizer.BosId).ShouldBe(1);
        first.End.PromptTokens.ShouldBe(ids.Length);
        conversation.Turns.Select(turn => (turn.Role, turn.Content)).ShouldBe([("user", "hello"), ("assistant", first.Text)]);

        TextResult second = await TextResult.CollectAsync(
            conversation.SendAsync("more", Greedy, TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
        second.End.CachedTokens.ShouldBeGreaterThanOrEqualTo(ids.Length);
        using var fresh = new TextGenerator(generator.Model, generator.Tokenizer, generator.Template);
        TextResult anew = await TextResult.CollectAsync(
            fresh.CompleteAsync(conversation.LastPrompt!, Greedy, TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
        anew.End.CachedTokens.ShouldBe(0);
        second.Tokens.ShouldBe(anew.Tokens);
        conversation.RemoveLast().ShouldBe("more");
        conversation.Turns.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_turn_that_is_stopped_keeps_what_was_said_and_one_that_failed_is_forgotten()
    {
        var conversation = new Conversation(generator);
        using var cancel = new CancellationTokenSource();
        string heard = string.Empty;
        await Should.ThrowAsync<OperationCanceledException>(async () =>
        {
            await foreach (TextStep step in conversation.SendAsync("hello", Greedy with { MaxTokens = 3000 }, cancel.Token))
            {
                heard += step.Text;
                if (heard.Length > 5)
                {
                    await cancel.CancelAsync();
                }
            }
        });
        conversation.Turns.Select(turn => turn.Content).ShouldBe(["hello", heard]);

        await Should.ThrowAsync<OperationCanceledException>(async () =>
        {
            await foreach (TextStep step in conversation.SendAsync("again", Greedy, cancel.Token))
            {
                heard.ShouldBeEmpty();
            }
        });
        conversation.Turns.Count.ShouldBe(2);
        (await TextResult.CollectAsync(conversation.SendAsync("again", Greedy, TestContext.Current.CancellationToken), TestContext.Current.CancellationToken))
            .End.CachedTokens.ShouldBePositive();
    }

    [Fact]
    public void Without_a_template_there_is_no_conversation_and_without_a_tokenizer_no_text()
    {
        using TextGenerator bare = TextGenerator.Open(TinyChatModel.Write(folder["bare"], template: null), new InferenceOptions { Threads = 1 });
        Should.Throw<InvalidOperationException>(() => bare.Render(new ChatTemplateInput { Messages = [] }, TestContext.Current.CancellationToken)).Message.ShouldContain("no chat template");
        bare.StopTokens.ShouldBe([1]);
        Should.Throw<Lapidary.Checkpoints.CheckpointException>(() => TextGenerator.Open(Fixtures.PathOf("g3-tiny-a")));
        Should.Throw<ArgumentException>(() => bare.CompleteAsync("x", Greedy with { StopStrings = [string.Empty] }, TestContext.Current.CancellationToken))
            .Message.ShouldContain("stop string is empty");
    }

    [Fact]
    public async Task The_same_seed_gives_the_same_text_alone_and_in_company()
    {
        TextGenerationOptions options = Greedy with { Sampling = new SamplingOptions { Seed = 99, TopP = 0.95f }, MaxTokens = 60 };
        TextResult alone = await Collect("once", options);
        Task<TextResult>[] company = [.. Enumerable.Range(0, 8).Select(i => Collect(i == 5 ? "once" : $"other {i}", i == 5 ? options : Greedy))];
        (await Task.WhenAll(company))[5].Text.ShouldBe(alone.Text);
    }

    [Fact]
    public void Vectors_are_normalised_means_of_the_final_norm_whatever_the_chunks()
    {
        (float[] vector, int tokens) = new TextEmbedder(generator.Model, generator.Tokenizer).Embed("the meaning of this", TestContext.Current.CancellationToken);
        tokens.ShouldBe(generator.Tokenizer.Encode("the meaning of this").Length);
        Math.Abs(vector.Sum(value => (double)value * value) - 1).ShouldBeAtMost(1e-6);
        double[] sums = new double[vector.Length];
        using (InferenceSession session = generator.Model.CreateSession(64))
        {
            session.Observer = (name, _, width, values) =>
            {
                for (int i = 0; name.Kind == Lapidary.Networks.ActivationKind.FinalNorm && i < values.Length; i++)
                {
                    sums[i % width] += values[i];
                }
            };
            session.Process(generator.Tokenizer.Encode("the meaning of this"));
        }

        double length = Math.Sqrt(sums.Sum(sum => sum * sum));
        for (int i = 0; i < sums.Length; i++)
        {
            vector[i].ShouldBe((float)(sums[i] / length), 1e-6f);
        }

        using TextGenerator chunked = TextGenerator.Open(folder["model"], new InferenceOptions { Threads = 1, ChunkSize = 3 });
        new TextEmbedder(chunked.Model, chunked.Tokenizer).Embed("the meaning of this", TestContext.Current.CancellationToken).Vector.ShouldBe(vector);
    }

    private Task<TextResult> Collect(string prompt, TextGenerationOptions options) =>
        TextResult.CollectAsync(generator.CompleteAsync(prompt, options, TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
}
