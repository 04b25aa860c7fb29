using System.Numerics.Tensors;
using System.Text.RegularExpressions;
using Lapidary.Inference;
using Lapidary.Inference.Generation;
using Lapidary.Inference.Sampling;
using Lapidary.Tests.Common;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Lapidary.Tests.Inference.Hosting;

/// <summary>The examples of docs/dotnet.md: they stand here word for word, and run.</summary>
public sealed partial class DotnetPageTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly StringWriter output = new();
    private readonly string path;

    public DotnetPageTests() => path = TinyChatModel.Write(folder["model"]);

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task The_client()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        using ServiceProvider services = new ServiceCollection().AddLapidary(path).BuildServiceProvider();
        IChatClient client = services.GetRequiredService<IChatClient>();
        ChatResponse response = await client.GetResponseAsync("Why is the sky blue?", new ChatOptions { MaxOutputTokens = 60, Seed = 1 }, cancellation);
        output.WriteLine(response.Text);
        output.WriteLine($"{response.Usage!.OutputTokenCount} tokens, {response.FinishReason}");

        var options = new ChatOptions
        {
            Temperature = 0.8f,
            MaxOutputTokens = 60,
            StopSequences = ["\n\n"],
            Instructions = "Answer in one sentence.",
            AdditionalProperties = new() { ["min_p"] = 0.05f, ["repetition_penalty"] = 1.1f },
        };
        await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync("Why is the sky blue?", options, cancellation))
        {
            output.Write(update.Text);
        }

        var embeddings = services.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>();
        GeneratedEmbeddings<Embedding<float>> vectors = await embeddings.GenerateAsync(["a stone", "a gem"], null, cancellation);
        float similarity = TensorPrimitives.Dot(vectors[0].Vector.Span, vectors[1].Vector.Span);

        similarity.ShouldBeInRange(-1f, 1f);
        output.ToString().ShouldContain(" tokens, ");
    }

    [Fact]
    public async Task The_text_generator()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        using TextGenerator generator = TextGenerator.Open(path);
        var greedy = new TextGenerationOptions { Sampling = SamplingOptions.Greedy, MaxTokens = 20, LogProbabilities = 2 };
        await foreach (TextStep step in generator.CompleteAsync("Once upon a time", greedy, cancellation))
        {
            output.Write(step.Text);
            if (step.End is { } end)
            {
                output.WriteLine($"\n{end.Reason}, {end.GeneratedTokensPerSecond:0.0} tokens/s");
            }
        }

        var conversation = new Conversation(generator) { SystemPrompt = "You are a patient teacher." };
        TextResult answer = await TextResult.CollectAsync(conversation.SendAsync("What is a prime?", greedy, cancellation), cancellation);
        TextResult next = await TextResult.CollectAsync(conversation.SendAsync("And the first five?", greedy, cancellation), cancellation);
        output.WriteLine($"{next.End.CachedTokens} of {next.End.PromptTokens} tokens did not have to be processed again");

        next.End.CachedTokens.ShouldBeGreaterThanOrEqualTo(answer.End.PromptTokens);
        output.ToString().ShouldContain("tokens/s");
    }

    [Fact]
    public async Task The_token_generator()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        using LanguageModel model = LanguageModel.Open(path, new InferenceOptions { Exact = true });
        using var tokens = new TokenGenerator(model);
        var request = new GenerationRequest { Prompt = [2, 10, 20], MaxTokens = 8, Sampling = SamplingOptions.Greedy };
        await foreach (GenerationStep step in tokens.GenerateAsync(request, cancellation))
        {
            output.Write($"{step.Token} ");
        }

        output.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBeInRange(1, 8);
    }

    [Fact]
    public void Every_example_of_the_page_stands_in_this_file()
    {
        string root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "Lapidary.slnx")))
        {
            root = Path.GetDirectoryName(root) ?? throw new InvalidOperationException("The tests do not run from the repository.");
        }

        string page = File.ReadAllText(Path.Combine(root, "docs", "dotnet.md"));
        string source = Bare(File.ReadAllText(Path.Combine(root, "tests", "Lapidary.Tests", "Inference", "Hosting", "DotnetPageTests.cs")));
        MatchCollection blocks = Example().Matches(page);
        blocks.Count.ShouldBe(6);
        foreach (Match block in blocks)
        {
            source.ShouldContain(Bare(block.Groups[1].Value));
        }
    }

    // The indentation differs, nothing else.
    private static string Bare(string code) => string.Join('\n', code.Split('\n').Select(line => line.Trim()));

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Example();
}
