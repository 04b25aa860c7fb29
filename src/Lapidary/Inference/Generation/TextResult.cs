using System.Collections.Immutable;
using System.Text;

namespace Lapidary.Inference.Generation;

/// <summary>A whole answer: the steps put together.</summary>
/// <param name="Text">The text.</param>
/// <param name="Tokens">The tokens, a stop token among them.</param>
/// <param name="Scores">Their probabilities, where they were asked for.</param>
/// <param name="Prompt">What became of the prompt.</param>
/// <param name="End">How it ended and what it took.</param>
/// <param name="StopString">The stop string before which the text ends, if it was one.</param>
public sealed record TextResult(
    string Text,
    ImmutableArray<int> Tokens,
    ImmutableArray<ScoredToken> Scores,
    PromptSummary Prompt,
    GenerationSummary End,
    string? StopString)
{
    /// <summary>Takes all steps of an answer.</summary>
    /// <exception cref="ArgumentException">The steps do not end.</exception>
    public static async Task<TextResult> CollectAsync(IAsyncEnumerable<TextStep> steps, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(steps);
        var text = new StringBuilder();
        var tokens = ImmutableArray.CreateBuilder<int>();
        var scores = ImmutableArray.CreateBuilder<ScoredToken>();
        PromptSummary? prompt = null;
        TextStep last = default;
        await foreach (TextStep step in steps.WithCancellation(cancellation).ConfigureAwait(false))
        {
            last = step;
            prompt ??= step.Prompt;
            text.Append(step.Text);
            if (step.Token is int token)
            {
                tokens.Add(token);
            }

            if (step.Score is { } score)
            {
                scores.Add(score);
            }
        }

        return prompt is not null && last.End is not null
            ? new TextResult(text.ToString(), tokens.DrainToImmutable(), scores.DrainToImmutable(), prompt, last.End, last.StopString)
            : throw new ArgumentException("The steps are not those of a whole generation.", nameof(steps));
    }
}
