using System.Runtime.CompilerServices;
using Lapidary.Numerics.Formats;

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

    /// <summary>How the weights are stored.</summary>
    public WeightFormat Format { get; }

    /// <summary>The first row of the weights.</summary>
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
