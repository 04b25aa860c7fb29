using System.Runtime.CompilerServices;
using Lapidary.Numerics.Simd;

namespace Lapidary.Numerics.Kernels;

/// <summary>
/// The softmax of a row whose scores come block by block: exponentials relative to the largest score so far, the sums so far scaled
/// down when a larger one comes (Milakov and Gimelshein 2018).
/// </summary>
internal static unsafe class OnlineSoftmax
{
    /// <summary>
    /// Turns the visible scores of a block into exponentials relative to the running maximum and the others into zeros, and brings
    /// maximum, total and weighted sums up to date.
    /// </summary>
    /// <param name="scores">[length], a multiple of the vector's width; replaced.</param>
    /// <param name="length">Length of the block.</param>
    /// <param name="visibleFrom">First visible score.</param>
    /// <param name="visibleTo">End of the visible scores; there may be none.</param>
    /// <param name="cap">Where the scores are capped, see <see cref="SoftCap"/>; zero for no cap.</param>
    /// <param name="largest">The largest score so far, negative infinity at first.</param>
    /// <param name="total">The exponentials so far, zero at first.</param>
    /// <param name="sums">The weighted values so far [sumLength], scaled down where the maximum grows.</param>
    /// <param name="sumLength">A multiple of the vector's width.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddBlock<V, TIsa>(
        float* scores,
        int length,
        int visibleFrom,
        int visibleTo,
        float cap,
        ref float largest,
        ref float total,
        float* sums,
        int sumLength)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        if (visibleFrom >= visibleTo)
        {
            new Span<float>(scores, length).Clear();
            return;
        }

        // Vectors without a visible score are left out: they would add zeros.
        int first = visibleFrom / TIsa.Width * TIsa.Width, end = (visibleTo + TIsa.Width - 1) / TIsa.Width * TIsa.Width;
        if (cap != 0)
        {
            for (int k = first; k < end; k += TIsa.Width)
            {
                TIsa.Store(scores + k, SoftCap.Apply<V, TIsa>(TIsa.Load(scores + k), cap));
            }
        }

        new Span<float>(scores + first, visibleFrom - first).Fill(float.NegativeInfinity);
        new Span<float>(scores + visibleTo, end - visibleTo).Fill(float.NegativeInfinity);
        V maxima = TIsa.Load(scores + first);
        for (int k = first + TIsa.Width; k < end; k += TIsa.Width)
        {
            maxima = TIsa.Max(maxima, TIsa.Load(scores + k));
        }

        float maximum = TIsa.MaxElement(maxima);
        if (maximum > largest)
        {
            float factor = MathF.Exp(largest - maximum);
            largest = maximum;
            total *= factor;
            V factors = TIsa.Create(factor);
            for (int d = 0; d < sumLength; d += TIsa.Width)
            {
                TIsa.Store(sums + d, TIsa.Multiply(TIsa.Load(sums + d), factors));
            }
        }

        V shift = TIsa.Create(largest);
        for (int k = first; k < end; k += TIsa.Width)
        {
            TIsa.Store(scores + k, VectorMath.Exp<V, TIsa>(TIsa.Subtract(TIsa.Load(scores + k), shift)));
        }

        // The exponential of the hidden keys was clamped to a tiny number: they must not count at all.
        new Span<float>(scores, visibleFrom).Clear();
        new Span<float>(scores + visibleTo, length - visibleTo).Clear();
        V totals = TIsa.Zero;
        for (int k = first; k < end; k += TIsa.Width)
        {
            totals = TIsa.Add(totals, TIsa.Load(scores + k));
        }

        total += TIsa.Sum(totals);
    }
}
