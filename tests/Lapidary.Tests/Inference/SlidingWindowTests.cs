using Lapidary.Checkpoints;
using Lapidary.Inference;
using Lapidary.Networks;
using Lapidary.Numerics;
using Lapidary.Tests.Common;
using Shouldly;
using Xunit;

namespace Lapidary.Tests.Inference;

/// <summary>A prompt much longer than the window, through caches that hold no more than the window and a chunk.</summary>
public sealed class SlidingWindowTests : IDisposable
{
    private const int Window = 512;
    private const int Length = 1200;

    private static readonly int[] Tokens = [.. Enumerable.Range(0, Length).Select(i => i == 0 ? 2 : 3 + (i * 31 % 60))];

    private readonly TemporaryFolder folder = new();
    private readonly string model;

    public SlidingWindowTests()
    {
        model = Write("model", finalCap: null, attentionCap: null);
    }

    [Fact]
    public void Caps_of_scores_and_logits_are_applied()
    {
        string capped = Write("capped", finalCap: 0.05f, attentionCap: 0.1f);
        int[] tokens = Tokens[..90];
        double[][] expected, uncapped;
        using (Checkpoint checkpoint = Checkpoint.Open(capped), plain = Checkpoint.Open(model))
        {
            expected = new ReferenceGemma3(checkpoint).Logits(tokens);
            uncapped = new ReferenceGemma3(plain).Logits(tokens);
        }

        Math.Abs(uncapped[^1][5] - expected[^1][5]).ShouldBeGreaterThan(1e-3);
        using LanguageModel language = LanguageModel.Open(capped, new InferenceOptions { Threads = 2, ChunkSize = 40 });
        using InferenceSession session = language.CreateSession(tokens.Length);
        double worst = 0;
        session.ProcessAll(tokens, (first, count, logits) =>
        {
            for (int i = 0; i < logits.Length; i++)
            {
                worst = Math.Max(worst, Math.Abs(logits[i] - expected[first + (i / 64)][i % 64]));
            }
        });
        worst.ShouldBeAtMost(1e-6);
    }

    private string Write(string name, float? finalCap, float? attentionCap)
    {
        Gemma3Config config = Gemma3Presets.Get("tiny") with
        {
            VocabularySize = 64,
            HiddenSize = 32,
            IntermediateSize = 48,
            HeadCount = 2,
            KeyValueHeadCount = 1,
            HeadDimension = 16,
            AttentionScale = 0.25f,
            SlidingWindow = Window,
            FinalLogitSoftcap = finalCap,
            AttentionLogitSoftcap = attentionCap,
            ContextLength = 2048,
            EosTokenIds = [1],
            Layers = [new LayerSpec(Window, 1e4, 1), new LayerSpec(Window, 1e4, 1), new LayerSpec(null, 1e6, 1)],
        };
        string path = folder[name];
        RandomCheckpoint.Write(config, path, seed: 7, ElementType.F32);
        return path;
    }

    [Theory]
    [InlineData(512)]
    [InlineData(64)]
    public void Local_layers_keep_their_window_and_a_chunk_and_the_logits_are_those_of_the_full_mask(int chunk)
    {
        double[][] expected;
        using (Checkpoint checkpoint = Checkpoint.Open(model))
        {
            expected = new ReferenceGemma3(checkpoint).Logits(Tokens);
        }

        using LanguageModel language = LanguageModel.Open(model, new InferenceOptions { Threads = 2, ChunkSize = chunk });
        using InferenceSession session = language.CreateSession(Length);
        for (int layer = 0; layer < language.Config.LayerCount; layer++)
        {
            bool local = language.Config.Layers[layer].Window is not null;
            session.CacheSlots(layer).ShouldBeLessThanOrEqualTo(local ? Window + chunk : Length + 63);
        }

        double worst = 0;
        session.ProcessAll(Tokens, (first, count, logits) =>
        {
            int vocabulary = logits.Length / count;
            for (int i = 0; i < logits.Length; i++)
            {
                worst = Math.Max(worst, Math.Abs(logits[i] - expected[first + (i / vocabulary)][i % vocabulary]));
            }
        });
        worst.ShouldBeAtMost(1e-4 * expected[^1].Max(Math.Abs));
    }

    [Fact]
    public void A_ring_that_has_turned_gives_the_bits_of_a_cache_that_holds_everything()
    {
        float[] whole = Last(chunk: Length), turned = Last(chunk: 100);
        turned.ShouldBe(whole);
    }

    public void Dispose() => folder.Dispose();

    private float[] Last(int chunk)
    {
        using LanguageModel language = LanguageModel.Open(model, new InferenceOptions { Threads = 2, ChunkSize = chunk, Exact = true });
        using InferenceSession session = language.CreateSession(Length);
        return session.Process(Tokens).ToArray();
    }
}
