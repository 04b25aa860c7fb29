using System.Runtime.CompilerServices;
using Lapidary.Numerics.Simd;

namespace Lapidary.Numerics.Kernels;

/// <summary>The largest number of a row of logits, found in the pass that sees whether all of them are finite.</summary>
internal static unsafe class RowMaximum
{
    /// <summary>Finds it; false where a number is NaN or infinite, and then the maximum means nothing.</summary>
    /// <param name="x">The row.</param>
    /// <param name="width">How many numbers it has.</param>
    /// <param name="maximum">The largest of them.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool TryFind<V, TIsa>(float* x, int width, out float maximum)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        // Zero times NaN or infinity is NaN, and stays it in a sum; in a maximum it may be lost.
        V largest = TIsa.Create(float.NegativeInfinity), products = TIsa.Zero;
        int i = 0;
        for (; i + TIsa.Width <= width; i += TIsa.Width)
        {
            V value = TIsa.Load(x + i);
            largest = TIsa.Max(value, largest);
            products = TIsa.MultiplyAdd(value, TIsa.Zero, products);
        }

        maximum = TIsa.MaxElement(largest);
        float product = TIsa.Sum(products);
        for (; i < width; i++)
        {
            maximum = MathF.Max(maximum, x[i]);
            product += x[i] * 0f;
        }

        return product == 0;
    }
}
