using Lapidary.Numerics;

namespace Lapidary.Workbench.Training;

/// <summary>
/// What LoRA trains beside a frozen matrix W [out, in] (Hu et al. 2021): y = W x + scale B (A dropout(x)); with DoRA (Liu et al. 2024)
/// y = m / |W + scale B A| * (W x + scale B A x), the norm of each row taken as a constant in the backward pass.
/// </summary>
internal sealed class TrainedUpdate(Parameter a, Parameter b, Parameter? magnitude, float scale, double dropout, string name)
{
    /// <summary>A [rank, in].</summary>
    public Parameter A { get; } = a;

    /// <summary>B [out, rank].</summary>
    public Parameter B { get; } = b;

    /// <summary>DoRA's m [out].</summary>
    public Parameter? Magnitude { get; } = magnitude;

    /// <summary>alpha / rank, or alpha / sqrt(rank).</summary>
    public float Scale { get; } = scale;

    /// <summary>Share of the inputs of A that is dropped.</summary>
    public double Dropout { get; } = dropout;

    /// <summary>The matrix that is updated; tells its random numbers from those of another.</summary>
    public string Name { get; } = name;

    /// <summary>Rank.</summary>
    public int Rank => (int)A.Value.Rows;

    /// <summary>DoRA: 1 / |W + scale B A| of each row, for the present values.</summary>
    public float[] InverseNorms { get; set; } = [];

    /// <summary>Computes <see cref="InverseNorms"/> again after a step.</summary>
    public void Refresh(Tensor frozen)
    {
        if (Magnitude is null)
        {
            return;
        }

        int inputs = (int)frozen.RowLength;
        var inverse = new float[frozen.Rows];
        Parallel.For(0, (int)frozen.Rows, () => (new float[inputs], new double[inputs]), (output, _, rows) =>
        {
            (float[] row, double[] sum) = rows;
            frozen.DecodeRow(output, row);
            for (int i = 0; i < inputs; i++)
            {
                sum[i] = row[i];
            }

            ReadOnlySpan<float> b = B.Value.AsFloats().Slice(output * Rank, Rank);
            for (int r = 0; r < Rank; r++)
            {
                ReadOnlySpan<float> a = A.Value.AsFloats().Slice(r * inputs, inputs);
                double factor = (double)Scale * b[r];
                for (int i = 0; i < inputs; i++)
                {
                    sum[i] += factor * a[i];
                }
            }

            double squares = 0;
            foreach (double value in sum)
            {
                squares += value * value;
            }

            inverse[output] = (float)(1 / Math.Sqrt(squares));
            return rows;
        }, _ => { });
        InverseNorms = inverse;
    }
}
