using Lapidary.Numerics;
using Lapidary.Numerics.Kernels;
using Lapidary.Numerics.Threading;

namespace Lapidary.Workbench.Training;

/// <summary>
/// Gradient descent with momentum, as <c>torch.optim.SGD</c> without dampening. Keeps <c>NAME.momentum_buffer</c>, in the shape of the
/// weights.
/// </summary>
public sealed unsafe class Sgd : Optimizer
{
    private readonly List<Entry> entries = [];

    /// <summary>An optimizer without weights.</summary>
    /// <exception cref="ArgumentException">A setting makes no sense.</exception>
    public Sgd(OptimizerOptions options)
        : base(options)
    {
    }

    private protected override void Update(WorkerPool pool, double learningRate, double gradientScale, long step)
    {
        foreach (Entry entry in entries)
        {
            var factors = new SgdFactors(learningRate, Options.Momentum, entry.Decay ? Options.WeightDecay : 0, gradientScale);
            SgdUpdate.Step(
                pool, entry.Value, (float*)entry.Gradient.Data, (float*)entry.Velocity.Data, in factors, step, entry.Key);
        }
    }

    private protected override void AddWeights(string name, Tensor value, Tensor gradient, bool decay) => entries.Add(new Entry(
        value,
        gradient,
        AddState($"{name}.momentum_buffer", value.Shape.AsSpan()),
        decay,
        RandomBits.KeyOf(Options.Seed, name)));

    private sealed record Entry(Tensor Value, Tensor Gradient, Tensor Velocity, bool Decay, ulong Key);
}
