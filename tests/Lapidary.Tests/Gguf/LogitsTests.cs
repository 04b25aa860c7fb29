using Lapidary.Inference;
using Shouldly;
using Xunit;

namespace Lapidary.Tests.Gguf;

/// <summary>The whole way of a GGUF file by llama.cpp: header, configuration, decoding, forward pass.</summary>
public class LogitsTests
{
    // tests/Fixtures/gguf/README.md: float32 arithmetic differs from float64 by at most 6e-6, logits deviate by 1.
    private const double Largest = 2e-4;
    private const double Rms = 4e-5;

    // Results do not depend on the number of threads, and the barriers of several pools at once cost these tiny models twenty times the work.
    private static readonly InferenceOptions Fast = new() { Threads = 1 };
    private static readonly InferenceOptions Exact = new() { Threads = 1, Exact = true };

    public static TheoryData<string> Files => LlamaCppFile.Names;

    [Theory]
    [MemberData(nameof(Files))]
    public void Prompt_kernels_agree_with_float64_at_every_position(string name)
    {
        LlamaCppFile file = LlamaCppFile.Open(name);
        using LanguageModel model = LanguageModel.Open(file.Path, Exact);
        using InferenceSession session = model.CreateSession(file.Prompt.Length);
        var logits = new List<float>();
        session.ProcessAll(file.Prompt, (first, count, run) => logits.AddRange(run));

        float[] expected = file.Logits;
        logits.Count.ShouldBe(expected.Length);
        double largest = 0, squares = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            double difference = Math.Abs(logits[i] - (double)expected[i]);
            largest = Math.Max(largest, difference);
            squares += difference * difference;
        }

        // To ShouldBeLessThan NaN is less than every number.
        double rms = Math.Sqrt(squares / expected.Length);
        (largest < Largest && rms < Rms).ShouldBeTrue($"{name}: largest difference {largest:g3}, RMS {rms:g3}");
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Fast_decoding_agrees_with_float64_within_the_divergence_of_8_bit_activations(string name)
    {
        LlamaCppFile file = LlamaCppFile.Open(name);
        using LanguageModel model = LanguageModel.Open(file.Path, Fast);
        using InferenceSession session = model.CreateSession(file.Prompt.Length);
        float[] expected = file.Logits;
        int vocabulary = model.Config.VocabularySize;
        double divergence = 0;
        for (int position = 0; position < file.Prompt.Length; position++)
        {
            ReadOnlySpan<float> logits = session.Decode(file.Prompt[position]);
            divergence += Divergence(expected.AsSpan(position * vocabulary, vocabulary), logits);
        }

        divergence /= file.Prompt.Length;
        (divergence < 1e-3).ShouldBeTrue($"{name}: mean divergence {divergence:g3}");
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Greedy_tokens_are_those_of_float64(string name)
    {
        LlamaCppFile file = LlamaCppFile.Open(name);
        using LanguageModel model = LanguageModel.Open(file.Path, Exact);
        int[] expected = file.Greedy;
        using InferenceSession session = model.CreateSession(file.GreedyPrompt.Length + expected.Length);
        ReadOnlySpan<float> logits = session.Process(file.GreedyPrompt);
        var generated = new int[expected.Length];
        for (int i = 0; i < generated.Length; i++)
        {
            generated[i] = IndexOfMax(logits);
            logits = session.Decode(generated[i]);
        }

        generated.ShouldBe(expected, name);
    }

    private static double Divergence(ReadOnlySpan<float> reference, ReadOnlySpan<float> actual)
    {
        double p = LogSumExp(reference), q = LogSumExp(actual), sum = 0;
        for (int i = 0; i < reference.Length; i++)
        {
            sum += Math.Exp(reference[i] - p) * (reference[i] - p - (actual[i] - q));
        }

        return sum;
    }

    private static double LogSumExp(ReadOnlySpan<float> logits)
    {
        double largest = logits[IndexOfMax(logits)], sum = 0;
        foreach (float value in logits)
        {
            sum += Math.Exp(value - largest);
        }

        return largest + Math.Log(sum);
    }

    private static int IndexOfMax(ReadOnlySpan<float> logits)
    {
        int best = 0;
        for (int i = 1; i < logits.Length; i++)
        {
            best = logits[i] > logits[best] ? i : best;
        }

        return best;
    }
}
