namespace Lapidary.Inference.Sampling;

/// <summary>How often each token occurs among the last ones.</summary>
internal sealed class PenaltyCounts
{
    private readonly int? window;
    private readonly Queue<int> last;
    private readonly Dictionary<int, int> counts;

    public PenaltyCounts(int? window)
    {
        this.window = window;

        // Room for the whole window from the start, as far as a window is small, so that nothing grows while tokens come.
        int room = Math.Min(window ?? 0, 4096) + 1;
        last = new Queue<int>(room);
        counts = new Dictionary<int, int>(room);
    }

    /// <summary>Counts a token, and no longer the one that leaves the window.</summary>
    public void Add(int token)
    {
        if (window == 0)
        {
            return;
        }

        counts[token] = counts.GetValueOrDefault(token) + 1;
        if (window is not int length)
        {
            return;
        }

        last.Enqueue(token);
        if (last.Count > length)
        {
            int oldest = last.Dequeue();
            if (--System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrNullRef(counts, oldest) == 0)
            {
                counts.Remove(oldest);
            }
        }
    }

    /// <summary>Applies the penalties of <paramref name="options"/> to <paramref name="logits"/>.</summary>
    public void Apply(Span<float> logits, SamplingOptions options)
    {
        foreach ((int token, int count) in counts)
        {
            if (token >= logits.Length)
            {
                continue;
            }

            // As llama.cpp: the repetition penalty moves a logit down whatever its sign, then the others are subtracted.
            float logit = logits[token];
            logit = logit <= 0 ? logit * options.RepetitionPenalty : logit / options.RepetitionPenalty;
            logits[token] = logit - (count * options.FrequencyPenalty) - options.PresencePenalty;
        }
    }
}
