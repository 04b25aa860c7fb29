using Lapidary.Numerics;
using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Threading;

namespace Lapidary.Workbench.Training;

/// <summary>
/// Adam with decoupled weight decay, as <c>torch.optim.AdamW</c>. Keeps <c>NAME.exp_avg</c> and <c>NAME.exp_avg_sq</c>, in the shape
/// of the weights.
/// </summary>
public sealed unsafe class AdamW : Optimizer
{
    private readonly List<Entry> entries = [];

    /// <summary>An optimizer without weights.</summary>
    /// <exception cref="ArgumentException">A setting makes no sense.</exception>
    public AdamW(OptimizerOptions options)
        : base(options)
    {
    }

    private protected override void Update(WorkerPool pool, double learningRate, double gradientScale, long step)
    {
        foreach (Entry entry in entries)
        {
            var factors = new AdamWFactors(
                learningRate, Options.Beta1, Options.Beta2, Options.Epsilon, entry.Decay ? Options.WeightDecay : 0, gradientScale);
            AdamWUpdate.Step(
                pool,
                entry.Value,
                (float*)entry.Gradient.Data,
                (float*)entry.Mean.Data,
                (float*)entry.MeanSquare.Data,
                in factors,
                step,
                entry.Key);
        }
    }

    private protected override void AddWeights(string name, Tensor value, Tensor gradient, bool decay) => entries.Add(new Entry(
        value,
        gradient,
        AddState($"{name}.exp_avg", value.Shape.AsSpan()),
        AddState($"{name}.exp_avg_sq", value.Shape.AsSpan()),
        decay,
        RandomBits.KeyOf(Options.Seed, name)));

    private sealed record Entry(Tensor Value, Tensor Gradient, Tensor Mean, Tensor MeanSquare, bool Decay, ulong Key);
}
