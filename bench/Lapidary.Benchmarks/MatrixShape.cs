namespace Lapidary.Benchmarks;

/// <summary>A weight matrix [<paramref name="Rows"/>, <paramref name="Columns"/>].</summary>
public readonly record struct MatrixShape(int Rows, int Columns)
{
    /// <summary>Gemma 3 270M: gate and up, down, and an eighth of the tied head, more than a cache holds.</summary>
    public static IEnumerable<MatrixShape> Gemma270M => [new(2048, 640), new(640, 2048), new(32768, 640)];

    /// <inheritdoc/>
    public override string ToString() => $"{Rows}x{Columns}";
}
