namespace Lapidary.Workbench.Compression.Search;

/// <summary>One way to store something: what it takes and what it costs.</summary>
/// <param name="Bytes">The bytes that it takes.</param>
/// <param name="Cost">What it costs; finite.</param>
internal readonly record struct TypeChoice(long Bytes, double Cost);
