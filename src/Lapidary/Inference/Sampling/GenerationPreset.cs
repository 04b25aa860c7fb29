using System.Collections.Immutable;

namespace Lapidary.Inference.Sampling;

/// <summary>Options that somebody has recommended, under a name.</summary>
/// <param name="Name">What <see cref="Find"/> knows it by.</param>
/// <param name="Sampling">How tokens are chosen.</param>
/// <param name="MaxTokens">At how many tokens an answer ends, or null for the end of the context.</param>
/// <param name="StopTokens">Pieces of the vocabulary that end an answer, beside those that the model itself names.</param>
public sealed record GenerationPreset(string Name, SamplingOptions Sampling, int? MaxTokens, ImmutableArray<string> StopTokens)
{
    /// <summary>"greedy": the most likely token each time.</summary>
    public static GenerationPreset Greedy { get; } = new("greedy", SamplingOptions.Greedy, null, []);

    /// <summary>"gemma-3": what Google recommends for Gemma 3 and 3n: temperature 1, top-k 64, top-p 0.95, min-p 0.</summary>
    public static GenerationPreset Gemma3 { get; } =
        new("gemma-3", new SamplingOptions { Temperature = 1, TopK = 64, TopP = 0.95f }, null, ["<end_of_turn>"]);

    /// <summary>
    /// "gemma-3n-gguf": what the model card of the collection "Gemma 3n E4B IT - Complete GGUF Collection" recommends: temperature
    /// 0.7, top-p 0.9, top-k 40, repetition penalty 1.1, 4096 tokens at most, stop at <c>&lt;end_of_turn&gt;</c>.
    /// </summary>
    public static GenerationPreset Gemma3nGguf { get; } = new(
        "gemma-3n-gguf",
        new SamplingOptions { Temperature = 0.7f, TopP = 0.9f, TopK = 40, RepetitionPenalty = 1.1f },
        4096,
        ["<end_of_turn>"]);

    /// <summary>All presets.</summary>
    public static ImmutableArray<GenerationPreset> All { get; } = [Greedy, Gemma3, Gemma3nGguf];

    /// <summary>The preset of a name, or null.</summary>
    public static GenerationPreset? Find(string name) => All.FirstOrDefault(preset => preset.Name == name);
}
