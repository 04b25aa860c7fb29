using Lapidary.Tests.Common;

namespace Lapidary.Numerics.Tests.Kernels;

/// <summary>
/// Checks a gradient against central differences of loss = sum(weights * outputs). The forward pass rounds its outputs to float32, which
/// bounds what a difference can tell: about 1e-7 / step.
/// </summary>
internal static class FiniteDifferences
{
    private const float Step = 1f / 128;

    /// <summary>
    /// Moves every <paramref name="stride"/>-th element of <paramref name="input"/> and compares the change of the loss with
    /// <paramref name="gradient"/>, to a part of the gradient's largest entry.
    /// </summary>
    public static void ShouldBeTheGradientOf(
        this ReadOnlySpan<float> gradient, float[] input, Func<float[]> forward, float[] weights, string name, int stride = 1)
    {
        float largest = 0;
        foreach (float entry in gradient)
        {
            largest = MathF.Max(largest, MathF.Abs(entry));
        }

        for (int i = 0; i < input.Length; i += stride)
        {
            float kept = input[i], above = kept + Step, below = kept - Step;
            input[i] = above;
            double high = Loss(forward(), weights);
            input[i] = below;
            double low = Loss(forward(), weights);
            input[i] = kept;
            double difference = (high - low) / ((double)above - below);
            Math.Abs(difference - gradient[i]).ShouldBeAtMost(5e-4 * Math.Max(largest, 0.1), $"{name}[{i}] is {gradient[i]:g6}, not {difference:g6}");
        }
    }

    private static double Loss(float[] outputs, float[] weights)
    {
        double loss = 0;
        for (int i = 0; i < outputs.Length; i++)
        {
            loss += (double)outputs[i] * weights[i];
        }

        return loss;
    }
}
