using Shouldly;
using Xunit;

namespace Lapidary.Peers.Tests;

/// <summary>The same tokens as llama.cpp, as long as its rounding leaves no doubt which one is first.</summary>
public sealed class GreedyTests(RandomModels models, ITestOutputHelper log)
{
    private const int Count = 32;

    public static TheoryData<string, string, double> Files
    {
        get
        {
            var files = new TheoryData<string, string, double>();
            foreach (string preset in RandomModels.Presets)
            {
                // Twice the largest difference that LogitsTests allows of llama.cpp: two logits can move towards each other.
                files.Add(preset, "F32", 2e-3);
                files.Add(preset, "BF16", 4e-2);
                foreach (string type in RandomModels.QuantizedTypes)
                {
                    files.Add(preset, type, 0.1);
                }
            }

            return files;
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Greedy_tokens_are_llama_cpps_wherever_the_margin_decides(string preset, string type, double margin)
    {
        PeerEnvironment.RequireModels();
        string file = models.Gguf(preset, type);
        int[] prompt = RandomModels.Prompt[..20];
        (int[] ours, double[] margins) = Ours.Greedy(file, prompt, Count);
        int[] llama = ExternalProgram.LlamaGreedy(file, prompt, Count, models.Scratch);

        int same = 0;
        while (same < Count && ours[same] == llama[same])
        {
            same++;
        }

        log.WriteLine($"{preset} {type}: {same} of {Count} tokens, smallest margin on the way {margins[..same].DefaultIfEmpty().Min():g3}");

        // After the first token that differs the two continue different texts.
        if (same < Count)
        {
            margins[same].ShouldBeLessThan(margin, $"token {same}: ours {ours[same]}, llama.cpp's {llama[same]}");
        }
    }
}
