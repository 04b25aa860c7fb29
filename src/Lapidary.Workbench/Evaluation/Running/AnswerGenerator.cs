using System.Collections.Immutable;
using Lapidary.Inference;
using Lapidary.Inference.Generation;
using Lapidary.Inference.Sampling;
using Lapidary.Text;
using Lapidary.Workbench.Evaluation.Requests;
using TextRequest = Lapidary.Workbench.Evaluation.Requests.GenerationRequest;
using TokenRequest = Lapidary.Inference.Generation.GenerationRequest;

namespace Lapidary.Workbench.Evaluation.Running;

/// <summary>Generates the answers to requests, several at a time, each as it would be alone.</summary>
internal sealed class AnswerGenerator : IDisposable
{
    private readonly Tokenizer tokenizer;
    private readonly RequestKeys keys;
    private readonly Func<EvaluationRequest, string> describe;
    private readonly WorkTally tally;
    private readonly ImmutableHashSet<int> stopTokens;
    private readonly TokenGenerator generator;
    private readonly int maxSequences;

    public AnswerGenerator(
        LanguageModel model,
        Tokenizer tokenizer,
        EvaluationRunnerOptions options,
        int maxLength,
        RequestKeys keys,
        WorkTally tally,
        Func<EvaluationRequest, string> describe)
    {
        this.describe = describe;
        this.tokenizer = tokenizer;
        this.keys = keys;
        this.tally = tally;
        maxSequences = options.MaxSequences;
        stopTokens = options.StopTokens
            ?? [.. model.Config.EosTokenIds, .. tokenizer.EosId is int eos ? new[] { eos } : []];
        generator = new TokenGenerator(model, new TokenGeneratorOptions { MaxSequences = maxSequences, ContextLength = maxLength });
    }

    /// <summary>Answers requests.</summary>
    /// <param name="requests">The requests, each with the tokens of its prompt.</param>
    /// <param name="answered">Gets the place of a request and its text, one at a time.</param>
    /// <param name="cancellation">Ends the work between two tokens.</param>
    public void Generate(
        IReadOnlyList<(TextRequest Request, int[] Prompt)> requests, Action<int, string> answered, CancellationToken cancellation)
    {
        // Prompts that begin with the same examples follow each other, so that they go on from each other's caches.
        int[] order = [.. Enumerable.Range(0, requests.Count)];
        Array.Sort(order, (a, b) =>
        {
            int difference = requests[a].Prompt.AsSpan().SequenceCompareTo(requests[b].Prompt);
            return difference != 0 ? difference : a.CompareTo(b);
        });
        var turn = new Lock();
        Parallel.ForEachAsync(
            order,
            new ParallelOptions { MaxDegreeOfParallelism = maxSequences, CancellationToken = cancellation },
            async (index, ending) =>
            {
                string text = await GenerateAsync(requests[index].Request, requests[index].Prompt, ending).ConfigureAwait(false);
                lock (turn)
                {
                    answered(index, text);
                }
            }).GetAwaiter().GetResult();
    }

    /// <inheritdoc/>
    public void Dispose() => generator.Dispose();

    private async Task<string> GenerateAsync(TextRequest request, int[] prompt, CancellationToken cancellation)
    {
        var text = new AnswerText(tokenizer, request.Settings.Until);
        var tokens = new TokenRequest
        {
            Prompt = [.. prompt],
            Sampling = SamplingOf(request),
            MaxTokens = request.Settings.MaxTokens,
            StopTokens = stopTokens,
            StopWhen = text.Push,
        };
        try
        {
            await foreach (GenerationStep step in generator.GenerateAsync(tokens, cancellation).ConfigureAwait(false))
            {
                // The text takes the tokens where they are chosen; a token that ends the generation is no part of it.
                if (step.End is { } end)
                {
                    tally.Add(end);
                }
            }
        }
        catch (NonFiniteException thrown)
        {
            throw new NonFiniteException($"{describe(request)}: {thrown.Message}");
        }

        return text.Complete();
    }

    private SamplingOptions SamplingOf(TextRequest request)
    {
        GenerationSettings settings = request.Settings;
        return settings.Sample && settings.Temperature > 0
            ? new SamplingOptions
            {
                Temperature = (float)settings.Temperature,
                TopP = (float)settings.TopP,
                TopK = settings.TopK,
                Seed = keys.SeedOf(request),
            }
            : SamplingOptions.Greedy;
    }
}
