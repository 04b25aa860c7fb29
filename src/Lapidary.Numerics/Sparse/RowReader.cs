namespace Lapidary.Numerics.Sparse;

/// <summary>Reads whole encoded rows of a matrix, <paramref name="destination"/> full of them, from row <paramref name="firstRow"/>.</summary>
public delegate void RowReader(long firstRow, Span<byte> destination);
