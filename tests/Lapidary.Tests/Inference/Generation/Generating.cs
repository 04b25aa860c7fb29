using System.Collections.Immutable;
using Lapidary.Inference.Generation;
using Xunit;

namespace Lapidary.Tests.Inference.Generation;

/// <summary>Short forms for tests that generate.</summary>
internal static class Generating
{
    /// <summary>All steps of a generation.</summary>
    public static async Task<List<GenerationStep>> AllAsync(this TokenGenerator generator, GenerationRequest request)
    {
        var steps = new List<GenerationStep>();
        await foreach (GenerationStep step in generator.GenerateAsync(request, TestContext.Current.CancellationToken))
        {
            steps.Add(step);
        }

        return steps;
    }

    /// <summary>The tokens of a generation.</summary>
    public static async Task<int[]> TokensAsync(this TokenGenerator generator, GenerationRequest request) =>
        Tokens(await generator.AllAsync(request));

    /// <summary>The tokens of some steps.</summary>
    public static int[] Tokens(IEnumerable<GenerationStep> steps) =>
        [.. steps.Where(step => step.Token is not null).Select(step => step.Token!.Value)];

    /// <summary>A request without stop tokens.</summary>
    public static GenerationRequest Endless(ReadOnlySpan<int> prompt, int tokens) =>
        new() { Prompt = [.. prompt], MaxTokens = tokens, StopTokens = ImmutableHashSet<int>.Empty };
}
