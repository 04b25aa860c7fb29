using System.Diagnostics;
using Lapidary.Cli.Output;
using Lapidary.Inference;

namespace Lapidary.Cli.Commands;

/// <summary>One greedy continuation of a prompt.</summary>
internal sealed class Completion(InferenceSession session, int[] ends, bool measureProbabilities)
{
    /// <summary>Finish reason: an end token of the model; it is the last of <see cref="Ids"/>.</summary>
    public const string Stop = "stop";

    /// <summary>Finish reason: as many tokens as were asked for, or as fit.</summary>
    public const string Length = "length";

    /// <summary>Finish reason: Ctrl-C.</summary>
    public const string Interrupted = "interrupted";

    private readonly List<int> ids = [];
    private readonly List<double> logProbabilities = [];
    private TimeSpan promptTime;
    private TimeSpan generationTime;

    /// <summary>The generated ids.</summary>
    public IReadOnlyList<int> Ids => ids;

    /// <summary>Natural logarithm of the probability of each id, where they were asked for.</summary>
    public IReadOnlyList<double> LogProbabilities => logProbabilities;

    /// <summary>Why it ended.</summary>
    public string FinishReason { get; private set; } = Length;

    /// <summary>Generates up to <paramref name="count"/> tokens and reports each as soon as it is known.</summary>
    public void Run(ReadOnlySpan<int> prompt, int count, Action<int>? report, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        ReadOnlySpan<float> logits = session.Process(prompt);
        promptTime = watch.Elapsed;
        while (true)
        {
            if (cancellation.IsCancellationRequested)
            {
                FinishReason = Interrupted;
                break;
            }

            int id = Largest(logits);
            ids.Add(id);
            if (measureProbabilities)
            {
                logProbabilities.Add(LogProbability(logits, id));
            }

            report?.Invoke(id);
            if (ends.Contains(id))
            {
                FinishReason = Stop;
                break;
            }

            if (ids.Count == count)
            {
                break;
            }

            logits = session.Decode(id);
        }

        generationTime = watch.Elapsed - promptTime;
    }

    /// <summary>Where the time went.</summary>
    public TimingResult Timings(int promptTokens, double loadSeconds)
    {
        // The first token falls out of the prompt, so the time after it belongs to the others.
        int decoded = Math.Max(0, ids.Count - 1);
        return new TimingResult(
            loadSeconds,
            promptTokens,
            promptTime.TotalSeconds,
            promptTokens / Math.Max(promptTime.TotalSeconds, 1e-9),
            ids.Count,
            generationTime.TotalSeconds,
            decoded / Math.Max(generationTime.TotalSeconds, 1e-9));
    }

    // The first of equals, as in the reference implementations.
    private static int Largest(ReadOnlySpan<float> logits)
    {
        int best = 0;
        for (int i = 1; i < logits.Length; i++)
        {
            if (logits[i] > logits[best])
            {
                best = i;
            }
        }

        return best;
    }

    private static double LogProbability(ReadOnlySpan<float> logits, int id)
    {
        float largest = logits[Largest(logits)];
        double sum = 0;
        foreach (float logit in logits)
        {
            sum += Math.Exp(logit - largest);
        }

        return logits[id] - largest - Math.Log(sum);
    }
}
