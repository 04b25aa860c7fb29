using System.Text.Json;
using Lapidary.Inference;
using Lapidary.Inference.Generation;
using Lapidary.Tests.Common;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Lapidary.Tests.Inference.Hosting;

/// <summary>The client through the abstraction alone: nothing here names a type of ours, except to set the services up.</summary>
public sealed class ChatClientTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly ServiceProvider services;
    private readonly IChatClient client;

    public ChatClientTests()
    {
        TinyChatModel.Write(folder["gibberish"], generation: """{"do_sample":true,"top_k":64,"top_p":0.95}""");
        services = new ServiceCollection()
            .AddLapidary(folder["gibberish"], options =>
            {
                options.Inference = new InferenceOptions { Threads = 2 };
                options.Generator = new TokenGeneratorOptions { MaxSequences = 3, ContextLength = 400 };
            })
            .BuildServiceProvider();
        client = services.GetRequiredService<IChatClient>();
    }

    private static CancellationToken Test => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        services.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task A_response_is_its_stream_put_together()
    {
        var options = new ChatOptions { Seed = 5, MaxOutputTokens = 30 };
        ChatResponse whole = await client.GetResponseAsync("hello", options, Test);
        var updates = new List<ChatResponseUpdate>();
        await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync("hello", options, Test))
        {
            updates.Add(update);
        }

        updates.Count.ShouldBeGreaterThan(5);
        string.Concat(updates.Select(update => update.Text)).ShouldBe(whole.Text);
        updates.Select(update => update.ResponseId).Distinct().ShouldHaveSingleItem().ShouldNotBeNullOrEmpty();
        updates.ShouldAllBe(update => update.Role == ChatRole.Assistant && update.ModelId == "gibberish" && update.CreatedAt != null);
        updates.Count(update => update.FinishReason is not null).ShouldBe(1);
        whole.Messages.ShouldHaveSingleItem().Role.ShouldBe(ChatRole.Assistant);
        whole.ModelId.ShouldBe("gibberish");
    }

    [Fact]
    public async Task Usage_counts_tokens_of_prompt_and_answer_and_those_that_were_cached()
    {
        List<ChatMessage> history = [new(ChatRole.System, "Be brief."), new(ChatRole.User, "hello")];
        var options = new ChatOptions
        {
            Seed = 6,
            MaxOutputTokens = 12,
            AdditionalProperties = new() { ["logit_bias"] = new Dictionary<int, float> { [1] = -1000, [5] = -1000 } },
        };
        ChatResponse first = await client.GetResponseAsync(history, options, Test);
        first.Usage!.OutputTokenCount.ShouldBe(12);
        first.Usage.TotalTokenCount.ShouldBe(first.Usage.InputTokenCount + 12);
        first.Usage.CachedInputTokenCount.ShouldBe(0);
        first.FinishReason.ShouldBe(ChatFinishReason.Length);
        history.AddRange(first.Messages);
        history.Add(new ChatMessage(ChatRole.User, "more"));
        ChatResponse second = await client.GetResponseAsync(history, options, Test);
        second.Usage!.InputTokenCount!.Value.ShouldBeGreaterThan(first.Usage.InputTokenCount!.Value);
        second.Usage.CachedInputTokenCount!.Value.ShouldBeGreaterThanOrEqualTo(first.Usage.InputTokenCount.Value);
    }

    [Fact]
    public async Task It_stops_at_stop_sequences_and_at_stop_tokens()
    {
        var options = new ChatOptions { Temperature = 0, MaxOutputTokens = 40 };
        string whole = (await client.GetResponseAsync("hello", options, Test)).Text;
        string stop = whole.Substring(6, 3);
        ChatResponse stopped = await client.GetResponseAsync("hello", With(options, o => o.StopSequences = [stop]), Test);
        stopped.Text.ShouldBe(whole[..whole.IndexOf(stop, StringComparison.Ordinal)]);
        stopped.FinishReason.ShouldBe(ChatFinishReason.Stop);

        using JsonDocument bias = JsonDocument.Parse("""{"5":1000}""");
        ChatResponse ended = await client.GetResponseAsync(
            "hello", With(options, o => o.AdditionalProperties = new() { ["logit_bias"] = bias.RootElement }), Test);
        (ended.Text, ended.FinishReason, ended.Usage!.OutputTokenCount).ShouldBe((string.Empty, ChatFinishReason.Stop, 1));
    }

    [Fact]
    public async Task Cancelling_in_the_middle_ends_the_call_and_the_client_goes_on()
    {
        using var cancel = new CancellationTokenSource();
        int seen = 0;
        OperationCanceledException thrown = await Should.ThrowAsync<OperationCanceledException>(async () =>
        {
            await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync("hello", new ChatOptions { Temperature = 0 }, cancel.Token))
            {
                if (++seen == 4)
                {
                    await cancel.CancelAsync();
                }
            }
        });
        thrown.CancellationToken.ShouldBe(cancel.Token);
        seen.ShouldBe(4);
        await Should.ThrowAsync<OperationCanceledException>(() => client.GetResponseAsync("hello", null, cancel.Token));
        (await client.GetResponseAsync("hello", new ChatOptions { MaxOutputTokens = 3 }, Test)).Usage!.OutputTokenCount.ShouldBe(3);
    }

    [Fact]
    public async Task Calls_that_overlap_get_the_answers_that_they_get_alone()
    {
        ChatOptions OptionsOf(int i) => new() { Seed = i, MaxOutputTokens = 20 + i };
        string[] alone = new string[10];
        for (int i = 0; i < alone.Length; i++)
        {
            alone[i] = (await client.GetResponseAsync($"question {i}", OptionsOf(i), Test)).Text;
        }

        using ServiceProvider others = new ServiceCollection()
            .AddLapidary(folder["gibberish"], options => options.Inference = new InferenceOptions { Threads = 1 }).BuildServiceProvider();
        IChatClient fresh = others.GetRequiredService<IChatClient>();
        ChatResponse[] together = await Task.WhenAll(Enumerable.Range(0, alone.Length).Select(i => fresh.GetResponseAsync($"question {i}", OptionsOf(i), Test)));
        together.Select(response => response.Text).ShouldBe(alone);
    }

    [Fact]
    public async Task Disposing_during_a_call_ends_it_with_ObjectDisposedException()
    {
        using ServiceProvider others = new ServiceCollection().AddLapidary(folder["gibberish"]).BuildServiceProvider();
        IChatClient doomed = others.GetRequiredService<IChatClient>();
        int seen = 0;
        await Should.ThrowAsync<ObjectDisposedException>(async () =>
        {
            await foreach (ChatResponseUpdate update in doomed.GetStreamingResponseAsync("hello", new ChatOptions { Temperature = 0 }, Test))
            {
                if (++seen == 3)
                {
                    doomed.Dispose();
                }
            }
        });
        seen.ShouldBeGreaterThanOrEqualTo(3);
        await Should.ThrowAsync<ObjectDisposedException>(() => Task.Run(() => doomed.GetResponseAsync("hello", null, Test)));
        (await client.GetResponseAsync("hello", new ChatOptions { MaxOutputTokens = 2 }, Test)).Usage!.OutputTokenCount.ShouldBe(2);
    }

    [Fact]
    public async Task Disposing_the_services_during_a_call_ends_it_too()
    {
        ServiceProvider others = new ServiceCollection().AddLapidary(folder["gibberish"]).BuildServiceProvider();
        IAsyncEnumerator<ChatResponseUpdate> updates =
            others.GetRequiredService<IChatClient>().GetStreamingResponseAsync("hello", new ChatOptions { Temperature = 0 }, Test).GetAsyncEnumerator(Test);
        (await updates.MoveNextAsync()).ShouldBeTrue();
        await others.DisposeAsync();
        await Should.ThrowAsync<ObjectDisposedException>(async () =>
        {
            while (await updates.MoveNextAsync())
            {
                // What had been generated by then may still come.
            }
        });
    }

    [Fact]
    public async Task Instructions_go_in_front_of_the_system_prompt()
    {
        long Count(ChatResponse response) => response.Usage!.InputTokenCount!.Value;
        var options = new ChatOptions { MaxOutputTokens = 1 };
        ChatMessage[] both = [new(ChatRole.System, "One.\n\nTwo."), new(ChatRole.User, "x")], second = [new(ChatRole.System, "Two."), both[1]];
        long expected = Count(await client.GetResponseAsync(both, options, Test));
        Count(await client.GetResponseAsync(second, With(options, o => o.Instructions = "One."), Test)).ShouldBe(expected);
        long alone = Count(await client.GetResponseAsync([new ChatMessage(ChatRole.System, "One."), both[1]], options, Test));
        Count(await client.GetResponseAsync([both[1]], With(options, o => o.Instructions = "One."), Test)).ShouldBe(alone);
    }

    [Fact]
    public async Task Tools_reach_the_template_unless_they_are_switched_off()
    {
        AITool tool = AIFunctionFactory.Create((string city) => city.Length, "weather", "Tells the weather.");
        var options = new ChatOptions { MaxOutputTokens = 1 };
        long without = (await client.GetResponseAsync("x", options, Test)).Usage!.InputTokenCount!.Value;
        long with = (await client.GetResponseAsync("x", With(options, o => o.Tools = [tool]), Test)).Usage!.InputTokenCount!.Value;
        with.ShouldBeGreaterThan(without + 50);
        long off = (await client.GetResponseAsync(
            "x", With(options, o => (o.Tools, o.ToolMode) = ([tool], ChatToolMode.None)), Test)).Usage!.InputTokenCount!.Value;
        off.ShouldBe(without);
    }

    [Fact]
    public async Task What_cannot_be_honoured_is_said()
    {
        await Refused<NotSupportedException>(o => o.ConversationId = "1", "keeps no conversations");
        await Refused<NotSupportedException>(o => o.ResponseFormat = ChatResponseFormat.Json, "ResponseFormat");
        await Refused<NotSupportedException>(o => o.ToolMode = ChatToolMode.RequireAny, "ToolMode");
        await Refused<NotSupportedException>(o => o.ModelId = "gpt-9", "\"gpt-9\"");
        await Refused<ArgumentOutOfRangeException>(o => o.Temperature = -1, "Temperature is -1");
        await Refused<ArgumentOutOfRangeException>(o => o.TopP = 2, "TopP is 2");
        await Refused<ArgumentOutOfRangeException>(o => o.MaxOutputTokens = 0, "MaxOutputTokens is 0");
        await Refused<ArgumentException>(o => o.AdditionalProperties = new() { ["min_p"] = "much" }, "min_p is much");
        await Refused<ArgumentException>(o => o.StopSequences = [string.Empty], "stop string is empty");
        await Should.ThrowAsync<NotSupportedException>(() => Task.Run(() => client.GetResponseAsync(
            [new ChatMessage(ChatRole.User, [new DataContent(new byte[3], "image/png")])], null, Test)));
        await Should.ThrowAsync<ArgumentException>(() => Task.Run(() => client.GetResponseAsync(new string('x', 500), null, Test)));

        async Task Refused<T>(Action<ChatOptions> set, string expected)
            where T : Exception =>
            (await Should.ThrowAsync<T>(() => Task.Run(() => client.GetResponseAsync("x", With(new ChatOptions(), set), Test)))).Message.ShouldContain(expected);
    }

    [Fact]
    public void Metadata_and_the_parts_below_can_be_asked_for()
    {
        client.GetService<ChatClientMetadata>()!.ProviderName.ShouldBe("lapidary");
        client.GetService<ChatClientMetadata>()!.DefaultModelId.ShouldBe("gibberish");
        client.GetService<TextGenerator>().ShouldBeSameAs(services.GetRequiredService<TextGenerator>());
        client.GetService<LanguageModel>().ShouldBeSameAs(services.GetRequiredService<LanguageModel>());
        client.GetService<IChatClient>().ShouldBeSameAs(client);
        client.GetService(typeof(IChatClient), "key").ShouldBeNull();
        client.GetService<string>().ShouldBeNull();
    }

    [Fact]
    public async Task Embeddings_have_length_one_and_usage()
    {
        var embeddings = services.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>();
        GeneratedEmbeddings<Embedding<float>> result = await embeddings.GenerateAsync(["hello", "hello there", "hello"], null, Test);
        result.Count.ShouldBe(3);
        result[0].Vector.ToArray().ShouldBe(result[2].Vector.ToArray());
        result[0].Vector.ToArray().ShouldNotBe(result[1].Vector.ToArray());
        foreach (Embedding<float> embedding in result)
        {
            embedding.Dimensions.ShouldBe(64);
            Math.Abs(embedding.Vector.ToArray().Sum(value => (double)value * value) - 1).ShouldBeAtMost(1e-6);
        }

        result.Usage!.InputTokenCount!.Value.ShouldBeGreaterThan(3);
        embeddings.GetService<EmbeddingGeneratorMetadata>()!.DefaultModelDimensions.ShouldBe(64);
        await Should.ThrowAsync<NotSupportedException>(() => Task.Run(() => embeddings.GenerateAsync(["x"], new EmbeddingGenerationOptions { Dimensions = 8 }, Test)));
        using var cancel = new CancellationTokenSource();
        await cancel.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => embeddings.GenerateAsync(["x"], null, cancel.Token));
    }

    private static ChatOptions With(ChatOptions options, Action<ChatOptions> set)
    {
        ChatOptions copy = options.Clone();
        set(copy);
        return copy;
    }
}
