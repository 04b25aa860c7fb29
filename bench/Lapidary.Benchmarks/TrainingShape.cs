namespace Lapidary.Benchmarks;

/// <summary>A step of training through weights [<paramref name="Outputs"/>, <paramref name="Inputs"/>].</summary>
public readonly record struct TrainingShape(int Rows, int Outputs, int Inputs)
{
    /// <summary>Gemma 3 270M: gate or up, down, the output matrix for a tile of rows; and the products of a model of 5 million parameters.</summary>
    public static IEnumerable<TrainingShape> All =>
        [new(512, 2048, 640), new(512, 640, 2048), new(256, 262144, 640), new(4096, 512, 256), new(4096, 256, 512)];

    /// <summary>Operations of each of the three products.</summary>
    public double Operations => 2.0 * Rows * Outputs * Inputs;

    /// <inheritdoc/>
    public override string ToString() => $"{Rows}x{Inputs}->{Outputs}";
}
