using System.Numerics.Tensors;
using Lapidary.Inference;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Tests.Inference;

/// <summary>Logits do not depend on chunks or threads; decoding with the prompt's kernels gives the same bits, with the fast ones nearly.</summary>
public class DeterminismTests
{
    // 150 tokens: several blocks of keys, more than any window of these models.
    private static readonly int[] Tokens = [2, .. Enumerable.Range(1, 149).Select(i => i * 7919 % 270)];

    public static TheoryData<string> Models =>
    [
        "g3-tiny-a", "g3-tiny-b-bf16",
        "gguf/narrow-F16.gguf", "gguf/narrow-Q8_0.gguf", "gguf/narrow-Q4_0.gguf", "gguf/narrow-Q5_1.gguf",
        "gguf/wide-Q2_K.gguf", "gguf/wide-Q4_K_M.gguf", "gguf/wide-Q6_K.gguf",
    ];

    [Theory]
    [MemberData(nameof(Models))]
    public void A_prompt_gives_the_same_bits_in_any_cut_with_any_number_of_threads_and_token_by_token(string name)
    {
        float[]? expected = null;
        foreach (int threads in new[] { 1, 2, 5 })
        {
            foreach (int chunk in new[] { 512, 7, 64 })
            {
                float[] logits = Process(name, new InferenceOptions { Threads = threads, ChunkSize = chunk });
                expected ??= logits;
                logits.AsSpan().SequenceEqual(expected).ShouldBeTrue($"{threads} threads, chunks of {chunk}");
            }

            Decode(name, new InferenceOptions { Threads = threads, Exact = true }).AsSpan().SequenceEqual(expected)
                .ShouldBeTrue($"{threads} threads, token by token");
        }
    }

    [Theory]
    [InlineData("g3-tiny-a")]
    [InlineData("g3-tiny-b-bf16")]
    [InlineData("gguf/narrow-F16.gguf")]
    public void Fast_decoding_with_float_activations_agrees_within_rounding(string name)
    {
        float[] exact = Process(name, new InferenceOptions { Threads = 2 });
        float[] fast = Decode(name, new InferenceOptions { Threads = 2 });
        float deviation = TensorPrimitives.StdDev<float>(exact);
        float worst = exact.Zip(fast, (a, b) => MathF.Abs(a - b)).Max();
        worst.ShouldBeLessThanOrEqualTo(1e-4f * deviation);
    }

    [Theory]
    [InlineData("gguf/narrow-Q8_0.gguf")]
    [InlineData("gguf/narrow-Q4_0.gguf")]
    [InlineData("gguf/narrow-Q4_1.gguf")]
    [InlineData("gguf/narrow-Q5_0.gguf")]
    [InlineData("gguf/narrow-Q5_1.gguf")]
    [InlineData("gguf/wide-Q2_K.gguf")]
    [InlineData("gguf/wide-Q3_K.gguf")]
    [InlineData("gguf/wide-Q4_K.gguf")]
    [InlineData("gguf/wide-Q5_K.gguf")]
    [InlineData("gguf/wide-Q6_K.gguf")]
    public void Fast_decoding_with_8_bit_activations_diverges_little(string name)
    {
        float[] exact = Process(name, new InferenceOptions { Threads = 2 });
        float[] fast = Decode(name, new InferenceOptions { Threads = 2 });
        fast.AsSpan().SequenceEqual(exact).ShouldBeFalse("the fast kernels were not used");
        MeanDivergence(exact, fast, exact.Length / Tokens.Length).ShouldBeLessThan(1e-3);
    }

    [Fact]
    public void Fast_decoding_gives_the_same_bits_with_any_number_of_threads()
    {
        foreach (string name in Models.Select(row => row.Data))
        {
            float[]? expected = null;
            foreach (int threads in new[] { 1, 2, 5 })
            {
                float[] logits = Decode(name, new InferenceOptions { Threads = threads });
                expected ??= logits;
                logits.AsSpan().SequenceEqual(expected).ShouldBeTrue($"{name}, {threads} threads");
            }
        }
    }

    [Fact]
    public void A_session_that_was_reset_starts_anew()
    {
        using LanguageModel model = LanguageModel.Open(Fixtures.PathOf("g3-tiny-a"), new InferenceOptions { Threads = 1 });
        using InferenceSession session = model.CreateSession(64);
        float[] first = session.Process(Tokens.AsSpan(0, 40)).ToArray();
        session.Process(Tokens.AsSpan(40, 20));
        session.Reset();
        session.Position.ShouldBe(0);
        session.Process(Tokens.AsSpan(0, 40)).ToArray().ShouldBe(first);
    }

    private static float[] Process(string name, InferenceOptions options)
    {
        using LanguageModel model = LanguageModel.Open(Fixtures.PathOf(name), options);
        using InferenceSession session = model.CreateSession(Tokens.Length);
        var logits = new List<float>();
        session.ProcessAll(Tokens, (first, count, values) =>
        {
            first.ShouldBe(logits.Count / model.Config.VocabularySize);
            values.Length.ShouldBe(count * model.Config.VocabularySize);
            logits.AddRange(values);
        });
        return [.. logits];
    }

    private static float[] Decode(string name, InferenceOptions options)
    {
        using LanguageModel model = LanguageModel.Open(Fixtures.PathOf(name), options);
        using InferenceSession session = model.CreateSession(Tokens.Length);
        var logits = new List<float>();
        foreach (int token in Tokens)
        {
            logits.AddRange(session.Decode(token));
        }

        return [.. logits];
    }

    private static double MeanDivergence(float[] exact, float[] fast, int vocabulary)
    {
        double sum = 0;
        int rows = exact.Length / vocabulary;
        for (int row = 0; row < rows; row++)
        {
            double[] p = LogProbabilities(exact.AsSpan(row * vocabulary, vocabulary));
            double[] q = LogProbabilities(fast.AsSpan(row * vocabulary, vocabulary));
            sum += p.Zip(q, (a, b) => Math.Exp(a) * (a - b)).Sum();
        }

        return sum / rows;
    }

    private static double[] LogProbabilities(ReadOnlySpan<float> logits)
    {
        double largest = TensorPrimitives.Max(logits);
        double[] shifted = [.. logits.ToArray().Select(value => value - largest)];
        double logTotal = Math.Log(shifted.Sum(Math.Exp));
        return [.. shifted.Select(value => value - logTotal)];
    }
}
