namespace Lapidary.Workbench.Compression.Search;

/// <summary>How types are searched for.</summary>
/// <param name="BitsPerWeight">The budget: bits of all tensors of the file for each number in them, norms and embedding among them.</param>
/// <param name="Quantization">The importance matrix, and what else is not a type.</param>
public sealed record TypeSearchOptions(double BitsPerWeight, QuantizationOptions Quantization)
{
    /// <summary>Threads that compute; no result depends on them.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Tokens of the calibration text, in whole chunks, on which single matrices are measured.</summary>
    public int ProbeTokens { get; init; } = 2048;

    /// <summary>How often the choice is made again with the divergences of the types that it chose.</summary>
    public int Rounds { get; init; } = 3;
}
