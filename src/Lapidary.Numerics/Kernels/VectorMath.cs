using System.Runtime.CompilerServices;
using Lapidary.Numerics.Simd;

namespace Lapidary.Numerics.Kernels;

/// <summary>Elementary functions on vectors.</summary>
internal static partial class VectorMath
{
    /// <summary>
    /// e^x for -87.3 &lt;= x &lt;= 88.3 (other arguments are clamped), relative error below 2e-7: x = n ln 2 + r with n integral,
    /// e^r by the degree-6 minimax polynomial of Cephes' <c>expf</c>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Exp<V, TIsa>(V x)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        x = TIsa.Min(TIsa.Max(x, TIsa.Create(-87.3f)), TIsa.Create(88.3f));
        V n = TIsa.Round(TIsa.Multiply(x, TIsa.Create(1.44269504f)));

        // ln 2 in two parts, so that n * ln 2 loses no bits.
        V r = TIsa.MultiplyAdd(n, TIsa.Create(-0.693359375f), x);
        r = TIsa.MultiplyAdd(n, TIsa.Create(2.12194440e-4f), r);
        V p = TIsa.Create(1.9875691500e-4f);
        p = TIsa.MultiplyAdd(p, r, TIsa.Create(1.3981999507e-3f));
        p = TIsa.MultiplyAdd(p, r, TIsa.Create(8.3334519073e-3f));
        p = TIsa.MultiplyAdd(p, r, TIsa.Create(4.1665795894e-2f));
        p = TIsa.MultiplyAdd(p, r, TIsa.Create(1.6666665459e-1f));
        p = TIsa.MultiplyAdd(p, r, TIsa.Create(5.0000001201e-1f));
        p = TIsa.MultiplyAdd(p, TIsa.Multiply(r, r), TIsa.Add(r, TIsa.Create(1f)));
        return TIsa.ScaleByPowerOfTwo(p, n);
    }
}
