using System.Runtime.CompilerServices;
using Lapidary.Numerics.Simd;
using Lapidary.Numerics.Threading;

namespace Lapidary.Numerics.Kernels;

/// <summary>
/// Gradient descent with momentum, as PyTorch's <c>torch.optim.SGD</c> without dampening or Nesterov's form computes it in float32:
/// <code>
/// g = g + decay * p
/// b = momentum * b + g
/// p = p - lr * b
/// </code>
/// </summary>
public static unsafe class SgdUpdate
{
    /// <summary>One step of one tensor.</summary>
    /// <param name="pool">Workers that share the elements.</param>
    /// <param name="value">p, F32 or BF16 (with stochastic rounding).</param>
    /// <param name="gradient">[value.Length], multiplied by <see cref="SgdFactors.GradientScale"/> as it is read.</param>
    /// <param name="velocity">b [value.Length], zero before the first step.</param>
    /// <param name="factors">The rates.</param>
    /// <param name="step">From 1; only the random bits of BF16 depend on it.</param>
    /// <param name="key">Key of the random bits, see <see cref="RandomBits.KeyOf"/>; not used for F32.</param>
    /// <exception cref="ArgumentException">The weights are neither F32 nor BF16, or lie in a mapped file.</exception>
    public static void Step(
        WorkerPool pool, Tensor value, float* gradient, float* velocity, in SgdFactors factors, long step, ulong key)
    {
        var job = new UpdateJob<Rule>(
            WeightStore.Of(value, key, step), gradient, velocity, null, value.Length, new Rule(in factors));
        SharedWork.Run(pool, ref job, 2 * value.Length);
    }

    /// <summary>The same for one weight in double precision.</summary>
    public static void Reference(ref double value, double gradient, ref double velocity, in SgdFactors factors)
    {
        gradient = (gradient * factors.GradientScale) + (factors.WeightDecay * value);
        velocity = (factors.Momentum * velocity) + gradient;
        value -= factors.LearningRate * velocity;
    }

    private readonly struct Rule(in SgdFactors factors) : IUpdateRule
    {
        private readonly float gradientScale = (float)factors.GradientScale;
        private readonly float weightDecay = (float)factors.WeightDecay;
        private readonly float momentum = (float)factors.Momentum;
        private readonly float learningRate = (float)factors.LearningRate;

        public static (bool First, bool Second) States => (true, false);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Apply<V, TIsa>(V value, V gradient, ref V velocity, ref V unused)
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            gradient = TIsa.Multiply(gradient, TIsa.Create(gradientScale));
            gradient = TIsa.Add(gradient, TIsa.Multiply(TIsa.Create(weightDecay), value));
            velocity = TIsa.Add(TIsa.Multiply(velocity, TIsa.Create(momentum)), gradient);
            return TIsa.Subtract(value, TIsa.Multiply(TIsa.Create(learningRate), velocity));
        }
    }
}
