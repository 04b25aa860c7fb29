using Lapidary.Numerics;

namespace Lapidary.Workbench.Compression;

/// <summary>How a model is quantized.</summary>
/// <param name="Mix">Which matrix gets which type.</param>
public sealed record QuantizationOptions(QuantizationMix Mix)
{
    /// <summary>Whether every matrix, the embedding too, gets the base type of the mix.</summary>
    public bool Pure { get; init; }

    /// <summary>The type of each matrix by its name in the file, where the mix is not to choose; empty where it is.</summary>
    public IReadOnlyDictionary<string, ElementType> Types { get; init; } = new Dictionary<string, ElementType>();

    /// <summary>Types for some matrices whatever the mix says; the first that matches decides.</summary>
    public IReadOnlyList<TensorTypeOverride> Overrides { get; init; } = [];

    /// <summary>What weighs the errors of the columns of the matrices that it knows; null for no such thing.</summary>
    public ImportanceMatrix? Importance { get; init; }

    /// <summary>Whether matrices that are quantized already may get another type, which adds the errors of both.</summary>
    public bool AllowRequantize { get; init; }

    /// <summary>Whether the tokenizer is written; without one the file deals in token ids.</summary>
    public bool WithTokenizer { get; init; } = true;
}
