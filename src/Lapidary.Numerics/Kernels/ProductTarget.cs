using System.Runtime.CompilerServices;
using Lapidary.Numerics.Formats;
using Lapidary.Numerics.Sparse;

namespace Lapidary.Numerics.Kernels;

/// <summary>
/// One weight matrix W [<see cref="RowCount"/>, inner], rows <see cref="RowBytes"/> apart, and where its product with the input goes:
/// Output [tokens, RowCount], rows <see cref="OutputStride"/> floats apart.
/// </summary>
public readonly unsafe struct ProductTarget
{
    /// <summary>Describes the product of the input with all rows of <paramref name="weights"/>.</summary>
    public ProductTarget(Tensor weights, float* output, nint outputStride)
    {
        Format = WeightFormat.Of(weights.Type);
        Rows = weights.Data;
        RowBytes = (nint)weights.RowBytes;
        RowCount = checked((int)weights.Rows);
        Output = output;
        OutputStride = outputStride;
    }

    /// <summary>Describes the product of the input with all rows of <paramref name="weights"/>.</summary>
    public ProductTarget(SparseMatrix weights, float* output, nint outputStride)
    {
        ArgumentNullException.ThrowIfNull(weights);
        Format = weights.Format;
        Sparse = weights;
        RowBytes = weights.SpreadStride;
        RowCount = checked((int)weights.Rows);
        Output = output;
        OutputStride = outputStride;
    }

    /// <summary>How the weights are stored.</summary>
    public WeightFormat Format { get; }

    /// <summary>The weights where they are kept without their zeros; null where they lie at <see cref="Rows"/>.</summary>
    public SparseMatrix? Sparse { get; }

    /// <summary>The first row of the weights; null where they are <see cref="Sparse"/>.</summary>
    public byte* Rows { get; }

    /// <summary>Bytes from one row of the weights to the next.</summary>
    public nint RowBytes { get; }

    /// <summary>Rows of the weights: the width of the output.</summary>
    public int RowCount { get; }

    /// <summary>The first row of the output.</summary>
    public float* Output { get; }

    /// <summary>Floats from one row of the output to the next.</summary>
    public nint OutputStride { get; }
}

/// <summary>Up to three products that share an input and run in one parallel region (query, key and value; gate and up).</summary>
[InlineArray(Capacity)]
internal struct ProductTargets
{
    public const int Capacity = 3;

    private ProductTarget first;

    public static ProductTargets From(ReadOnlySpan<ProductTarget> targets)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(targets.Length, Capacity);
        var copy = default(ProductTargets);
        targets.CopyTo(copy);
        return copy;
    }
}
