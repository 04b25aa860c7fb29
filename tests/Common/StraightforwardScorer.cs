using Lapidary.Inference;
using Lapidary.Text;

namespace Lapidary.Tests.Common;

/// <summary>
/// An independent scorer, as plain as can be: one request at a time in a session of its own, the logits of all tokens, no cache. Written
/// from the description of the harness's mechanics and not from the code under test.
/// </summary>
internal sealed class StraightforwardScorer(LanguageModel model, Tokenizer tokenizer, int maxLength)
{
    /// <summary>The log-likelihood of a continuation and whether it is greedy.</summary>
    public (double LogLikelihood, bool IsGreedy) Score(string context, string continuation)
    {
        List<int> before, behind;
        if (context.Length == 0)
        {
            before = [tokenizer.BosId!.Value];
            behind = [.. tokenizer.Encode(continuation, addBos: false)];
            if (behind[0] == before[0])
            {
                behind.RemoveAt(0);
            }
        }
        else
        {
            string trimmed = context.TrimEnd();
            string moved = context[trimmed.Length..] + continuation;
            before = [.. tokenizer.Encode(trimmed)];
            behind = [.. tokenizer.Encode(trimmed + moved).Skip(before.Count)];
        }

        return Score(before, behind);
    }

    /// <summary>The log-likelihood of a text in windows.</summary>
    public double ScoreRolling(string text, bool clean)
    {
        int[] tokens = tokenizer.Encode(text, addBos: !clean);
        int bos = tokenizer.BosId!.Value;
        double sum = 0;
        for (int start = 0; start < tokens.Length; start += maxLength)
        {
            // Every window predicts a block of the text; the last one, which may be short, sees as much as the others.
            int end = Math.Min(tokens.Length, start + maxLength);
            int[] seen = [bos, .. tokens[..end]];
            int first = Math.Max(0, seen.Length - 1 - maxLength);
            int predicted = end - start;
            sum += Score([.. seen[first..^predicted]], [.. seen[^predicted..]]).LogLikelihood;
        }

        return sum;
    }

    /// <summary>The tokens that greedy decoding gives behind a prompt, all logits computed anew for each.</summary>
    public List<int> Generate(int[] prompt, int count)
    {
        var generated = new List<int>();
        while (generated.Count < count)
        {
            int[] seen = [.. prompt, .. generated];
            double[] last = LogProbabilities(seen, seen.Length - 1)[^1];
            generated.Add(Array.IndexOf(last, last.Max()));
        }

        return generated;
    }

    private (double LogLikelihood, bool IsGreedy) Score(List<int> before, List<int> behind)
    {
        List<int> whole = [.. before, .. behind];
        whole = [.. whole.Skip(Math.Max(0, whole.Count - (maxLength + 1)))];
        List<double[]> rows = LogProbabilities([.. whole[..^1]], whole.Count - 1 - behind.Count);
        double sum = 0;
        bool greedy = true;
        for (int i = 0; i < behind.Count; i++)
        {
            double[] row = rows[i];
            sum += row[behind[i]];
            greedy &= Array.IndexOf(row, row.Max()) == behind[i];
        }

        return (sum, greedy);
    }

    // Of the tokens from the first one on that is asked for: with a real vocabulary all of them would be gigabytes.
    private List<double[]> LogProbabilities(int[] tokens, int first)
    {
        var rows = new List<double[]>();
        using InferenceSession session = model.CreateSession(tokens.Length);
        session.ProcessAll(tokens, (start, count, logits) =>
        {
            int width = logits.Length / count;
            for (int row = Math.Max(0, first - start); row < count; row++)
            {
                double[] x = [.. logits.Slice(row * width, width).ToArray().Select(value => (double)value)];
                double largest = x.Max();
                double total = largest + Math.Log(x.Sum(value => Math.Exp(value - largest)));
                rows.Add([.. x.Select(value => value - total)]);
            }
        });
        return rows;
    }
}
