namespace Lapidary.Workbench.Compression;

/// <summary>How a model is quantized.</summary>
/// <param name="Mix">Which matrix gets which type.</param>
public sealed record QuantizationOptions(QuantizationMix Mix)
{
    /// <summary>Whether every matrix, the embedding too, gets the base type of the mix.</summary>
    public bool Pure { get; init; }

    /// <summary>Types for some matrices whatever the mix says; the first that matches decides.</summary>
    public IReadOnlyList<TensorTypeOverride> Overrides { get; init; } = [];

    /// <summary>Whether matrices that are quantized already may get another type, which adds the errors of both.</summary>
    public bool AllowRequantize { get; init; }

    /// <summary>Whether the tokenizer is written; without one the file deals in token ids.</summary>
    public bool WithTokenizer { get; init; } = true;
}
