using Lapidary.Checkpoints;
using Lapidary.Inference;
using Lapidary.Numerics;

namespace Lapidary.Peers.Tests;

/// <summary>The side of the comparison that this project computes.</summary>
internal static class Ours
{
    // Results do not depend on it, and one thread needs no second core that the peer or other work may hold.
    private const int Threads = 1;

    /// <summary>Logits [tokens, vocabulary] by the prompt's kernels, float activations throughout.</summary>
    public static float[] ExactLogits(string path, int[] tokens)
    {
        using LanguageModel model = Open(path, exact: true);
        using InferenceSession session = model.CreateSession(tokens.Length);
        var result = new List<float>();
        session.ProcessAll(tokens, (first, count, logits) => result.AddRange(logits));
        return [.. result];
    }

    /// <summary>Logits [tokens, vocabulary] token by token with the fast decoding kernels: 8-bit activations for quantized weights.</summary>
    public static float[] DecodedLogits(string path, int[] tokens)
    {
        using LanguageModel model = Open(path, exact: false);
        using InferenceSession session = model.CreateSession(tokens.Length);
        var result = new List<float>();
        foreach (int token in tokens)
        {
            result.AddRange(session.Decode(token));
        }

        return [.. result];
    }

    /// <summary>Greedy generation in exact arithmetic: the ids, and at each step the distance between the first two logits.</summary>
    public static (int[] Tokens, double[] Margins) Greedy(string path, int[] prompt, int count)
    {
        using LanguageModel model = Open(path, exact: true);
        using InferenceSession session = model.CreateSession(prompt.Length + count);
        var tokens = new int[count];
        var margins = new double[count];
        double[] last = [];
        foreach (int token in prompt)
        {
            last = Widen(session.Decode(token));
        }

        for (int step = 0; step < count; step++)
        {
            tokens[step] = Distance.IndexOfMax(last);
            margins[step] = Distance.Margin(last);
            last = Widen(session.Decode(tokens[step]));
        }

        return (tokens, margins);
    }

    private static LanguageModel Open(string path, bool exact) =>
        LanguageModel.Open(path, new InferenceOptions { Threads = Threads, Exact = exact });

    private static double[] Widen(ReadOnlySpan<float> logits)
    {
        var wide = new double[logits.Length];
        for (int i = 0; i < wide.Length; i++)
        {
            wide[i] = logits[i];
        }

        return wide;
    }
}
