using System.Collections.Immutable;

namespace Lapidary.Networks;

/// <summary>The sizes of the published models of Gemma 3, text part only, and of one that is small enough for tests.</summary>
public static class Gemma3Presets
{
    private static readonly ImmutableSortedDictionary<string, Gemma3Config> All = new Dictionary<string, Gemma3Config>
    {
        ["gemma-3-270m"] = Make(262144, 640, 2048, 18, 4, 1, 256, 512, 32768),
        ["gemma-3-1b"] = Make(262144, 1152, 6912, 26, 4, 1, 256, 512, 32768),
        ["gemma-3-4b"] = Make(262208, 2560, 10240, 34, 8, 4, 256, 1024, 131072, factor: 8),
        ["gemma-3-12b"] = Make(262208, 3840, 15360, 48, 16, 8, 256, 1024, 131072, factor: 8),
        ["gemma-3-27b"] = Make(262208, 5376, 21504, 62, 32, 16, 128, 1024, 131072, factor: 8, scalar: 168),
        ["tiny"] = Make(512, 64, 160, 7, 4, 2, 32, 16, 4096, scalar: 32),
    }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    /// <summary>The names of all presets.</summary>
    public static IEnumerable<string> Names => All.Keys;

    /// <summary>The configuration of a preset, or null if there is none of that name.</summary>
    public static Gemma3Config? Find(string name) => All.GetValueOrDefault(name);

    /// <summary>The configuration of a preset.</summary>
    /// <exception cref="ArgumentException">There is no preset of that name.</exception>
    public static Gemma3Config Get(string name) =>
        Find(name) ?? throw new ArgumentException($"There is no preset {name}; there are {string.Join(", ", Names)}.", nameof(name));

    private static Gemma3Config Make(
        int vocabulary,
        int hidden,
        int intermediate,
        int layers,
        int heads,
        int keyValueHeads,
        int headDimension,
        int window,
        int context,
        double factor = 1,
        int scalar = 256) => new()
    {
        VocabularySize = vocabulary,
        HiddenSize = hidden,
        IntermediateSize = intermediate,
        HeadCount = heads,
        KeyValueHeadCount = keyValueHeads,
        HeadDimension = headDimension,
        AttentionScale = (float)(1 / Math.Sqrt(scalar)),
        ContextLength = context,
        SlidingWindow = window,
        EosTokenIds = [1, 106],
        Layers =
        [
            .. Enumerable.Range(0, layers).Select(i =>
                (i + 1) % 6 == 0 ? new LayerSpec(null, 1e6, factor) : new LayerSpec(window, 1e4, 1)),
        ],
    };
}
