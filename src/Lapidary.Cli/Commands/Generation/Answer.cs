using System.Diagnostics;
using System.Text;
using Lapidary.Cli.Output;
using Lapidary.Inference.Generation;

namespace Lapidary.Cli.Commands.Generation;

/// <summary>What has been generated so far, also where the user stops in the middle.</summary>
internal sealed class Answer
{
    private readonly StringBuilder text = new();
    private readonly List<int> ids = [];
    private readonly List<ScoredToken> scores = [];
    private readonly Stopwatch sinceFirst = new();

    /// <summary>The text that was shown.</summary>
    public string Text => text.ToString();

    /// <summary>The generated ids, an end token among them.</summary>
    public IReadOnlyList<int> Ids => ids;

    /// <summary>The probabilities of the ids, where they were asked for.</summary>
    public IReadOnlyList<ScoredToken> Scores => scores;

    /// <summary>What became of the prompt; null where it was not finished.</summary>
    public PromptSummary? Prompt { get; private set; }

    /// <summary>How it ended; null where the user stopped it.</summary>
    public GenerationSummary? End { get; private set; }

    /// <summary>The stop string before which the text ends, if it was one.</summary>
    public string? StopString { get; private set; }

    /// <summary>"stop", "length" or "interrupted".</summary>
    public string FinishReason => End?.Reason switch
    {
        null => "interrupted",
        Inference.Generation.FinishReason.StopToken or Inference.Generation.FinishReason.StopCondition => "stop",
        _ => "length",
    };

    /// <summary>Takes the steps as they come and hands each on; ends quietly where <paramref name="cancellation"/> is triggered.</summary>
    public void Collect(IAsyncEnumerable<TextStep> steps, Action<TextStep> show, CancellationToken cancellation)
    {
        try
        {
            foreach (TextStep step in steps.ToBlockingEnumerable(cancellation))
            {
                sinceFirst.Start();
                Prompt ??= step.Prompt;
                End ??= step.End;
                StopString ??= step.StopString;
                text.Append(step.Text);
                if (step.Token is int token)
                {
                    ids.Add(token);
                }

                if (step.Score is { } score)
                {
                    scores.Add(score);
                }

                show(step);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
        }

        sinceFirst.Stop();
    }

    /// <summary>Where the time went.</summary>
    public TimingResult Timings(int promptTokens, double loadSeconds)
    {
        double promptSeconds = Prompt?.Time.TotalSeconds ?? 0;
        int processed = promptTokens - (Prompt?.CachedTokens ?? 0);

        // The first token falls out of the prompt, so the time after it belongs to the others.
        double seconds = End?.GenerationTime.TotalSeconds ?? sinceFirst.Elapsed.TotalSeconds;
        return new TimingResult(
            loadSeconds,
            promptTokens,
            Prompt?.CachedTokens ?? 0,
            promptSeconds,
            processed / Math.Max(promptSeconds, 1e-9),
            ids.Count,
            seconds,
            Math.Max(0, ids.Count - 1) / Math.Max(seconds, 1e-9));
    }
}
