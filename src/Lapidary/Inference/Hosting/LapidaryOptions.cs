using Lapidary.Inference.Generation;

namespace Lapidary.Inference.Hosting;

/// <summary>Which model is used, and how.</summary>
public sealed class LapidaryOptions
{
    /// <summary>A model folder or a GGUF file.</summary>
    public string Path { get; set; } = string.Empty;

    /// <summary>What the model is called in responses; null for the name of the folder or file.</summary>
    public string? ModelId { get; set; }

    /// <summary>How the network is run.</summary>
    public InferenceOptions Inference { get; set; } = new();

    /// <summary>How many sequences are generated at the same time, and how long they may be.</summary>
    public TokenGeneratorOptions Generator { get; set; } = new();
}
