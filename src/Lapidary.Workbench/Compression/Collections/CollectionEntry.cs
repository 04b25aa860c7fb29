namespace Lapidary.Workbench.Compression.Collections;

/// <summary>A file of a collection.</summary>
/// <param name="Type">The name of its mix.</param>
/// <param name="File">Its name in the folder.</param>
/// <param name="FileBytes">Its length.</param>
/// <param name="TensorBytes">Bytes of its tensors.</param>
/// <param name="Parameters">Numbers in its tensors.</param>
/// <param name="Sha256">Its SHA-256 in lower-case hexadecimal digits.</param>
/// <param name="MadeFrom">What identifies all that its bytes depend on.</param>
public sealed record CollectionEntry(
    string Type, string File, long FileBytes, long TensorBytes, long Parameters, string Sha256, string MadeFrom)
{
    /// <summary>What was measured on a text; null for nothing.</summary>
    public CollectionScores? Scores { get; init; }

    /// <summary>How fast it runs; null where that was not measured.</summary>
    public CollectionSpeed? Speed { get; init; }

    /// <summary>Bits of a number on average.</summary>
    public double BitsPerWeight => 8.0 * TensorBytes / Parameters;

    /// <summary>How many times smaller the tensors are than all numbers in 16 bits.</summary>
    public double Compression => 2.0 * Parameters / TensorBytes;
}
