using Lapidary.Numerics;
using Lapidary.Numerics.Formats;
using Lapidary.Numerics.Threading;
using Lapidary.Workbench.Compression.Search;
using Shouldly;
using Xunit;

namespace Lapidary.Workbench.Tests.Compression.Search;

/// <summary>Matrices that are encoded in memory, and their errors.</summary>
public sealed class EncodedMatrixTests
{
    [Theory]
    [InlineData(ElementType.Q4_0, false)]
    [InlineData(ElementType.Q3_K, true)]
    [InlineData(ElementType.F32, true)]
    public void The_error_is_that_of_the_definition_for_any_number_of_workers(ElementType type, bool weighed)
    {
        const int Rows = 150, Columns = 256;
        var random = new SplitMix64(3);
        using Tensor source = Tensor.Allocate(ElementType.F32, Rows, Columns);
        foreach (ref float value in source.AsFloats())
        {
            value = (float)(random.NextDouble() - 0.5);
        }

        float[] weights = weighed ? [.. Enumerable.Range(0, Columns).Select(_ => (float)random.NextDouble())] : [];
        using var one = new WorkerPool(1);
        using var three = new WorkerPool(3);
        using Tensor encoded = EncodedMatrix.Encode(three, source, type, weights);
        encoded.Type.ShouldBe(type);
        double expected = 0;
        var row = new byte[encoded.RowBytes];
        var y = new float[Columns];
        for (int r = 0; r < Rows; r++)
        {
            ReadOnlySpan<float> x = source.AsFloats().Slice(r * Columns, Columns);
            WeightFormat.Of(type).EncodeReference(x, type == ElementType.F32 ? [] : weights, row);
            WeightFormat.Of(type).DecodeReference(row, y);
            for (int c = 0; c < Columns; c++)
            {
                expected += (weighed ? weights[c] : 1) * Math.Pow((double)x[c] - y[c], 2);
            }
        }

        double error = EncodedMatrix.Error(one, source, encoded, weights);
        error.ShouldBe(expected, 1e-9 * Math.Max(1, expected));
        EncodedMatrix.Error(three, source, encoded, weights).ShouldBe(error);
    }
}
