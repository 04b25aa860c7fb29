namespace Lapidary.Benchmarks;

/// <summary>A batch of equal documents and the shape of its attention.</summary>
/// <param name="Name">What is shown.</param>
/// <param name="Documents">Number of documents.</param>
/// <param name="Length">Rows of each.</param>
/// <param name="Heads">Query heads.</param>
/// <param name="KeyHeads">Key-value heads.</param>
/// <param name="Dimension">Elements of a head.</param>
/// <param name="Window">Rows that a row sees; null for all.</param>
public sealed record DocumentCase(string Name, int Documents, int Length, int Heads, int KeyHeads, int Dimension, int? Window)
{
    /// <summary>Rows of the batch.</summary>
    public int Rows => Documents * Length;

    /// <summary>First row of each document, and the end of the last.</summary>
    public int[] Starts { get; } = [.. Enumerable.Range(0, Documents + 1).Select(i => i * Length)];

    /// <summary>Floating-point operations of one product between rows and what they see.</summary>
    public double OperationsPerProduct =>
        2.0 * Dimension * Heads * Documents * Enumerable.Range(1, Length).Sum(row => (double)Math.Min(row, Window ?? row));

    /// <inheritdoc/>
    public override string ToString() => Name;
}
