using Lapidary.Numerics;
using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Threading;

namespace Lapidary.Workbench.Training;

/// <summary>
/// Adafactor with a learning rate from outside and no first moment, as <c>Adafactor</c> of transformers with
/// <c>relative_step=False</c>. Keeps <c>NAME.exp_avg_sq_row</c> [rows] and <c>NAME.exp_avg_sq_col</c> [columns] of a matrix, and
/// <c>NAME.exp_avg_sq</c> of a vector.
/// </summary>
public sealed unsafe class Adafactor : Optimizer
{
    private readonly List<Entry> entries = [];

    /// <summary>An optimizer without weights.</summary>
    /// <exception cref="ArgumentException">A setting makes no sense.</exception>
    public Adafactor(OptimizerOptions options)
        : base(options)
    {
    }

    private protected override void Update(WorkerPool pool, double learningRate, double gradientScale, long step)
    {
        foreach (Entry entry in entries)
        {
            var factors = new AdafactorFactors(
                learningRate,
                Options.DecayRate,
                Options.GradientEpsilon,
                Options.ParameterEpsilon,
                Options.ClipThreshold,
                entry.Decay ? Options.WeightDecay : 0,
                Options.ScaleParameter,
                gradientScale);
            AdafactorUpdate.Step(
                pool,
                entry.Value,
                (float*)entry.Gradient.Data,
                entry.Rows is null ? null : (float*)entry.Rows.Data,
                (float*)entry.Columns.Data,
                in factors,
                step,
                entry.Key);
        }
    }

    private protected override void AddWeights(string name, Tensor value, Tensor gradient, bool decay)
    {
        bool isMatrix = value.Shape.Length == 2;
        Tensor? rows = isMatrix ? AddState($"{name}.exp_avg_sq_row", value.Rows) : null;
        Tensor columns = AddState(isMatrix ? $"{name}.exp_avg_sq_col" : $"{name}.exp_avg_sq", value.RowLength);
        entries.Add(new Entry(value, gradient, rows, columns, decay, RandomBits.KeyOf(Options.Seed, name)));
    }

    private sealed record Entry(Tensor Value, Tensor Gradient, Tensor? Rows, Tensor Columns, bool Decay, ulong Key);
}
