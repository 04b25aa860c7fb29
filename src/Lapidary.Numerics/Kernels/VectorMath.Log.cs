using System.Runtime.CompilerServices;
using Lapidary.Numerics.Simd;

namespace Lapidary.Numerics.Kernels;

/// <content>The logarithm.</content>
internal static partial class VectorMath
{
    /// <summary>
    /// ln x for 2^-125 &lt;= x &lt; 2^126, relative error below 2e-7: x = m 2^e with m between 1/sqrt(2) and sqrt(2), ln m by the polynomial
    /// of Cephes' <c>logf</c>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Log<V, TIsa>(V x)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        // Multiplying by sqrt(2) first moves the cut of the mantissa from 1 and 2 to 1/sqrt(2) and sqrt(2): the exponent is the nearest
        // one. Dividing x by its power of two is exact.
        V e = TIsa.Exponent(TIsa.Multiply(x, TIsa.Create(1.41421356f)));
        V m = TIsa.ScaleByPowerOfTwo(x, TIsa.Subtract(TIsa.Zero, e));
        V r = TIsa.Subtract(m, TIsa.Create(1f));
        V p = TIsa.Create(7.0376836292e-2f);
        p = TIsa.MultiplyAdd(p, r, TIsa.Create(-1.1514610310e-1f));
        p = TIsa.MultiplyAdd(p, r, TIsa.Create(1.1676998740e-1f));
        p = TIsa.MultiplyAdd(p, r, TIsa.Create(-1.2420140846e-1f));
        p = TIsa.MultiplyAdd(p, r, TIsa.Create(1.4249322787e-1f));
        p = TIsa.MultiplyAdd(p, r, TIsa.Create(-1.6668057665e-1f));
        p = TIsa.MultiplyAdd(p, r, TIsa.Create(2.0000714765e-1f));
        p = TIsa.MultiplyAdd(p, r, TIsa.Create(-2.4999993993e-1f));
        p = TIsa.MultiplyAdd(p, r, TIsa.Create(3.3333331174e-1f));
        V square = TIsa.Multiply(r, r);
        V y = TIsa.Multiply(TIsa.Multiply(p, r), square);

        // ln 2 in two parts, so that e * ln 2 loses no bits.
        y = TIsa.MultiplyAdd(e, TIsa.Create(-2.12194440e-4f), y);
        y = TIsa.MultiplyAdd(square, TIsa.Create(-0.5f), y);
        return TIsa.MultiplyAdd(e, TIsa.Create(0.693359375f), TIsa.Add(r, y));
    }
}
