using Lapidary.Inference;

namespace Lapidary.Pebble.Evaluation;

/// <summary>The log-likelihood of answers behind a prompt. One session serves all prompts.</summary>
internal sealed class AnswerScorer : IDisposable
{
    private readonly InferenceSession session;

    /// <summary>A scorer; the model must outlive it.</summary>
    public AnswerScorer(LanguageModel model, int capacity) => session = model.CreateSession(capacity);

    /// <summary>The log-likelihood of each answer, the sum over its tokens.</summary>
    public double[] Score(ReadOnlySpan<int> prompt, IReadOnlyList<int[]> answers)
    {
        session.Reset();
        double[] first = LogProbabilities(session.Process(prompt));
        var scores = new double[answers.Count];
        for (int i = 0; i < answers.Count; i++)
        {
            int[] answer = answers[i];
            double sum = first[answer[0]];
            if (answer.Length > 1)
            {
                Rewind(prompt);
                int position = prompt.Length;
                session.ProcessAll(answer.AsSpan(0, answer.Length - 1), (from, count, logits) =>
                {
                    int vocabulary = logits.Length / count;
                    for (int row = 0; row < count; row++)
                    {
                        sum += LogProbability(logits.Slice(row * vocabulary, vocabulary), answer[from - position + row + 1]);
                    }
                });
            }

            scores[i] = sum;
        }

        return scores;
    }

    /// <inheritdoc/>
    public void Dispose() => session.Dispose();

    private void Rewind(ReadOnlySpan<int> prompt)
    {
        if (!session.TryRewind(prompt.Length))
        {
            session.Reset();
            session.Process(prompt);
        }
    }

    private static double[] LogProbabilities(ReadOnlySpan<float> logits)
    {
        double normalizer = LogSumExp(logits);
        var all = new double[logits.Length];
        for (int i = 0; i < all.Length; i++)
        {
            all[i] = logits[i] - normalizer;
        }

        return all;
    }

    private static double LogProbability(ReadOnlySpan<float> logits, int token) => logits[token] - LogSumExp(logits);

    private static double LogSumExp(ReadOnlySpan<float> logits)
    {
        double largest = double.NegativeInfinity;
        foreach (float logit in logits)
        {
            largest = Math.Max(largest, logit);
        }

        double sum = 0;
        foreach (float logit in logits)
        {
            sum += Math.Exp(logit - largest);
        }

        return largest + Math.Log(sum);
    }
}
