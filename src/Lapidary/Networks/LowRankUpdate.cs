using System.Numerics.Tensors;
using Lapidary.Checkpoints;
using Lapidary.Checkpoints.Adapters;
using Lapidary.Numerics;
using Lapidary.Numerics.Kernels;
using Tensor = Lapidary.Numerics.Tensor;

namespace Lapidary.Networks;

/// <summary>
/// What one or more adapters do to a weight W [outputs, inputs], as one update: W becomes diag(f) W + transpose(B) A. For a LoRA of scale s
/// taken u times, f = 1 and B holds u s B; with a magnitude m (DoRA), g = m / ||W + s B A|| by rows, f = 1 + u (g - 1) and B holds
/// u s g B. Several adapters stand one below the other in A and B, and their parts of f add up.
/// </summary>
internal sealed unsafe class LowRankUpdate : IDisposable
{
    private readonly Tensor a;
    private readonly Tensor b;
    private readonly Tensor? factors;

    private LowRankUpdate(Tensor a, Tensor b, Tensor? factors, int outputs)
    {
        this.a = a;
        this.b = b;
        this.factors = factors;
        Outputs = outputs;
    }

    /// <summary>Rows of <see cref="A"/>: the ranks of all adapters together.</summary>
    public int Rank => (int)a.Rows;

    /// <summary>Rows of the weight.</summary>
    public int Outputs { get; }

    /// <summary>[rank, inputs], F32.</summary>
    public Tensor A => a;

    /// <summary>[rank, outputs filled up for <see cref="LowRankAdd"/>].</summary>
    public float* B => (float*)b.Data;

    /// <summary>f, as long as a row of <see cref="B"/>; null where no adapter has magnitudes.</summary>
    public float* Factors => factors is null ? null : (float*)factors.Data;

    /// <summary>Puts the updates of one weight together.</summary>
    /// <param name="weight">W, in any format.</param>
    /// <param name="parts">The updates, which <see cref="PeftAdapter.CheckAgainst"/> has accepted, and how much of each is taken.</param>
    /// <exception cref="CheckpointException">A number is not finite.</exception>
    public static LowRankUpdate Create(Tensor weight, IReadOnlyList<(PeftAdapter Adapter, LoraPair Pair, float Scale)> parts)
    {
        int outputs = checked((int)weight.Rows);
        int rank = parts.Sum(part => part.Pair.Rank);
        int stride = LowRankAdd.Stride(outputs);
        Tensor a = Tensor.Allocate(ElementType.F32, rank, weight.RowLength);
        Tensor b = Tensor.Allocate(ElementType.F32, rank, stride);
        Tensor? factors = null;
        if (parts.Any(part => part.Pair.Magnitude is not null))
        {
            factors = Tensor.Allocate(ElementType.F32, stride);
            factors.AsFloats()[..outputs].Fill(1);
        }

        var update = new LowRankUpdate(a, b, factors, outputs);
        try
        {
            int first = 0;
            foreach ((PeftAdapter adapter, LoraPair pair, float scale) in parts)
            {
                update.Add(weight, pair, scale, first);
                update.CheckFinite(adapter, pair, first);
                first += pair.Rank;
            }

            return update;
        }
        catch
        {
            update.Dispose();
            throw;
        }
    }

    /// <summary>Turns a piece of W into the same piece of the updated weight.</summary>
    /// <param name="start">Where the piece begins, counted in elements along the rows.</param>
    /// <param name="values">Elements of W, which may end in the middle of a row.</param>
    public void Apply(long start, Span<float> values)
    {
        while (!values.IsEmpty)
        {
            (long row, long column) = Math.DivRem(start, a.RowLength);
            Span<float> part = values[..(int)Math.Min(values.Length, a.RowLength - column)];
            if (factors is not null)
            {
                TensorPrimitives.Multiply(part, Factors[row], part);
            }

            for (int k = 0; k < Rank; k++)
            {
                TensorPrimitives.MultiplyAdd(
                    Row(a, k).Slice((int)column, part.Length), ((float*)b.RowPointer(k))[row], part, part);
            }

            start += part.Length;
            values = values[part.Length..];
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        a.Dispose();
        b.Dispose();
        factors?.Dispose();
    }

    private static ReadOnlySpan<float> Row(Tensor tensor, long row) => new(tensor.RowPointer(row), (int)tensor.RowLength);

    private void Add(Tensor weight, LoraPair pair, float scale, int first)
    {
        new ReadOnlySpan<byte>(pair.A.Data, checked((int)pair.A.ByteLength))
            .CopyTo(new Span<byte>(a.RowPointer(first), checked((int)pair.A.ByteLength)));
        double[]? gains = pair.Magnitude is null ? null : Gains(weight, pair);
        for (int row = 0; row < Outputs; row++)
        {
            double gain = gains?[row] ?? 1;
            ReadOnlySpan<float> source = Row(pair.B, row);
            for (int k = 0; k < source.Length; k++)
            {
                ((float*)b.RowPointer(first + k))[row] = (float)(scale * pair.Scale * gain * source[k]);
            }

            if (gains is not null)
            {
                Factors[row] += (float)(scale * (gain - 1));
            }
        }
    }

    // m / ||W + s B A|| of every row.
    private static double[] Gains(Tensor weight, LoraPair pair)
    {
        var gains = new double[weight.Rows];
        Parallel.For(0, gains.Length, () => new float[weight.RowLength], (row, _, values) =>
        {
            weight.DecodeRow(row, values);
            ReadOnlySpan<float> coefficients = Row(pair.B, row);
            for (int k = 0; k < coefficients.Length; k++)
            {
                TensorPrimitives.MultiplyAdd(Row(pair.A, k), (float)(pair.Scale * coefficients[k]), values, values);
            }

            double sum = 0;
            foreach (float value in values)
            {
                sum += (double)value * value;
            }

            // A row of zeros stays one; a row that is not finite shows in the result.
            float magnitude = ((float*)pair.Magnitude!.Data)[row];
            gains[row] = sum == 0 ? 0 : double.IsFinite(sum) ? magnitude / Math.Sqrt(sum) : double.NaN;
            return values;
        }, _ => { });
        return gains;
    }

    private void CheckFinite(PeftAdapter adapter, LoraPair pair, int first)
    {
        bool finite = factors is null || !FloatEncoder.IsNotFinite(FloatEncoder.LargestMagnitude(factors.AsFloats()));
        for (int k = first; k < first + pair.Rank; k++)
        {
            finite &= !FloatEncoder.IsNotFinite(FloatEncoder.LargestMagnitude(Row(b, k)));
        }

        if (!finite)
        {
            throw new CheckpointException(adapter.Path, $"gives {pair.WeightName} a value that is not finite");
        }
    }
}
