using Lapidary.Numerics;
using Lapidary.Numerics.Formats;

namespace Lapidary.Benchmarks;

/// <summary>A format and the shape of a weight matrix in it.</summary>
public readonly record struct MatrixCase(ElementType Type, MatrixShape Shape)
{
    /// <summary>
    /// Every format in every shape whose rows are whole blocks: the K types have none of 640, where llama.cpp falls back to
    /// types with blocks of 32.
    /// </summary>
    public static IEnumerable<MatrixCase> All =>
        from format in WeightFormat.All
        from shape in MatrixShape.Gemma270M
        where shape.Columns % format.BlockLength == 0
        select new MatrixCase(format.Type, shape);

    /// <summary>Bytes of the weights.</summary>
    public double Bytes => (double)Shape.Rows * WeightFormat.Of(Type).RowBytes(Shape.Columns);

    /// <inheritdoc/>
    public override string ToString() => $"{Type} {Shape}";
}
