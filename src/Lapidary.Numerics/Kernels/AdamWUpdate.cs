using System.Runtime.CompilerServices;
using Lapidary.Numerics.Simd;
using Lapidary.Numerics.Threading;

namespace Lapidary.Numerics.Kernels;

/// <summary>
/// Adam with decoupled weight decay (Loshchilov and Hutter 2019), with the order of operations of PyTorch's <c>torch.optim.AdamW</c> in
/// float32:
/// <code>
/// p = p * (1 - lr * decay)
/// m = m + (1 - beta1) * (g - m)
/// v = v * beta2 + (1 - beta2) * g * g
/// p = p - (lr / (1 - beta1^t)) * m / (sqrt(v) / sqrt(1 - beta2^t) + epsilon)
/// </code>
/// The factors that are the same for all weights are computed in double precision and rounded once.
/// </summary>
public static unsafe class AdamWUpdate
{
    /// <summary>One step of one tensor.</summary>
    /// <param name="pool">Workers that share the elements.</param>
    /// <param name="value">p, F32 or BF16 (with stochastic rounding).</param>
    /// <param name="gradient">[value.Length], multiplied by <see cref="AdamWFactors.GradientScale"/> as it is read.</param>
    /// <param name="mean">m [value.Length], zero before the first step.</param>
    /// <param name="meanSquare">v [value.Length], zero before the first step.</param>
    /// <param name="factors">The rates.</param>
    /// <param name="step">t, from 1.</param>
    /// <param name="key">Key of the random bits, see <see cref="RandomBits.KeyOf"/>; not used for F32.</param>
    /// <exception cref="ArgumentException">The weights are neither F32 nor BF16, or lie in a mapped file.</exception>
    public static void Step(
        WorkerPool pool, Tensor value, float* gradient, float* mean, float* meanSquare, in AdamWFactors factors, long step, ulong key)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(step, 1);
        var job = new UpdateJob<Rule>(
            WeightStore.Of(value, key, step), gradient, mean, meanSquare, value.Length, new Rule(in factors, step));
        SharedWork.Run(pool, ref job, 4 * value.Length);
    }

    /// <summary>The same for one weight in double precision.</summary>
    public static void Reference(
        ref double value, double gradient, ref double mean, ref double meanSquare, in AdamWFactors factors, long step)
    {
        gradient *= factors.GradientScale;
        value *= 1 - (factors.LearningRate * factors.WeightDecay);
        mean += (1 - factors.Beta1) * (gradient - mean);
        meanSquare = (meanSquare * factors.Beta2) + ((1 - factors.Beta2) * gradient * gradient);
        double denominator = (Math.Sqrt(meanSquare) / Math.Sqrt(1 - Math.Pow(factors.Beta2, step))) + factors.Epsilon;
        value -= factors.LearningRate / (1 - Math.Pow(factors.Beta1, step)) * mean / denominator;
    }

    private readonly struct Rule(in AdamWFactors factors, long step) : IUpdateRule
    {
        private readonly float gradientScale = (float)factors.GradientScale;
        private readonly float keep = (float)(1 - (factors.LearningRate * factors.WeightDecay));
        private readonly float meanShare = (float)(1 - factors.Beta1);
        private readonly float beta2 = (float)factors.Beta2;
        private readonly float squareShare = (float)(1 - factors.Beta2);
        private readonly float squareCorrection = (float)Math.Sqrt(1 - Math.Pow(factors.Beta2, step));
        private readonly float epsilon = (float)factors.Epsilon;
        private readonly float stepSize = (float)(factors.LearningRate / (1 - Math.Pow(factors.Beta1, step)));

        public static (bool First, bool Second) States => (true, true);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Apply<V, TIsa>(V value, V gradient, ref V mean, ref V meanSquare)
            where V : struct
            where TIsa : struct, IVectorIsa<V>
        {
            gradient = TIsa.Multiply(gradient, TIsa.Create(gradientScale));
            value = TIsa.Multiply(value, TIsa.Create(keep));
            mean = TIsa.Add(mean, TIsa.Multiply(TIsa.Create(meanShare), TIsa.Subtract(gradient, mean)));
            V square = TIsa.Multiply(TIsa.Multiply(TIsa.Create(squareShare), gradient), gradient);
            meanSquare = TIsa.Add(TIsa.Multiply(meanSquare, TIsa.Create(beta2)), square);
            V root = TIsa.Divide(TIsa.Sqrt(meanSquare), TIsa.Create(squareCorrection));
            V denominator = TIsa.Add(root, TIsa.Create(epsilon));
            return TIsa.Subtract(value, TIsa.Divide(TIsa.Multiply(TIsa.Create(stepSize), mean), denominator));
        }
    }
}
