using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Lapidary.Numerics.Kernels;

/// <summary>A few vectors of the same length in double precision, one after the other: [count, length].</summary>
internal sealed class VectorSet(int count, int length)
{
    private const int MostSweeps = 60;

    private readonly double[] values = new double[(long)count * length];

    /// <summary>Number of vectors.</summary>
    public int Count => count;

    /// <summary>Length of each.</summary>
    public int Length => length;

    /// <summary>All of them in a row.</summary>
    public Span<double> Values => values;

    /// <summary>One of them.</summary>
    public Span<double> this[int index] => values.AsSpan(index * length, length);

    /// <summary>The unit vectors.</summary>
    public static VectorSet Identity(int count)
    {
        var set = new VectorSet(count, count);
        for (int i = 0; i < count; i++)
        {
            set[i][i] = 1;
        }

        return set;
    }

    /// <summary>The length of a vector, in the sense of geometry.</summary>
    public double Norm(int index) => Math.Sqrt(Dot(this[index], this[index]));

    /// <summary>
    /// Gram-Schmidt, each vector twice ("twice is enough", Kahan and Parlett). A vector that depends on those before it becomes zero.
    /// </summary>
    public void Orthonormalize()
    {
        for (int i = 0; i < count; i++)
        {
            Span<double> vector = this[i];
            double before = Norm(i);
            for (int pass = 0; pass < 2; pass++)
            {
                for (int j = 0; j < i; j++)
                {
                    Add(vector, this[j], -Dot(vector, this[j]));
                }
            }

            double after = Norm(i);
            double factor = after > 1e-13 * before ? 1 / after : 0;
            foreach (ref double value in vector)
            {
                value *= factor;
            }
        }
    }

    /// <summary>
    /// One-sided Jacobi (Hestenes 1958): rotates pairs of vectors until all are orthogonal, and the vectors of
    /// <paramref name="companions"/> with them.
    /// </summary>
    public void MakeOrthogonal(VectorSet companions)
    {
        bool rotated = true;
        for (int sweep = 0; rotated && sweep < MostSweeps; sweep++)
        {
            rotated = false;
            for (int i = 0; i < count; i++)
            {
                for (int j = i + 1; j < count; j++)
                {
                    rotated |= Rotate(i, j, companions);
                }
            }
        }
    }

    private bool Rotate(int i, int j, VectorSet companions)
    {
        double a = Dot(this[i], this[i]), b = Dot(this[j], this[j]), c = Dot(this[i], this[j]);
        if (!(Math.Abs(c) > 1e-15 * Math.Sqrt(a * b)))
        {
            return false;
        }

        // The smaller of the two angles that make the product zero.
        double zeta = (b - a) / (2 * c);
        double tangent = (zeta >= 0 ? 1 : -1) / (Math.Abs(zeta) + Math.Sqrt(1 + (zeta * zeta)));
        double cosine = 1 / Math.Sqrt(1 + (tangent * tangent));
        Turn(this[i], this[j], cosine, cosine * tangent);
        Turn(companions[i], companions[j], cosine, cosine * tangent);
        return true;
    }

    private static void Turn(Span<double> x, Span<double> y, double cosine, double sine)
    {
        for (int k = 0; k < x.Length; k++)
        {
            (x[k], y[k]) = ((cosine * x[k]) - (sine * y[k]), (sine * x[k]) + (cosine * y[k]));
        }
    }

    private static void Add(Span<double> target, ReadOnlySpan<double> vector, double factor)
    {
        Span<Vector128<double>> wide = MemoryMarshal.Cast<double, Vector128<double>>(target);
        ReadOnlySpan<Vector128<double>> addend = MemoryMarshal.Cast<double, Vector128<double>>(vector);
        for (int k = 0; k < wide.Length; k++)
        {
            wide[k] += addend[k] * factor;
        }

        for (int k = 2 * wide.Length; k < target.Length; k++)
        {
            target[k] += vector[k] * factor;
        }
    }

    private static double Dot(ReadOnlySpan<double> left, ReadOnlySpan<double> right)
    {
        ReadOnlySpan<Vector128<double>> a = MemoryMarshal.Cast<double, Vector128<double>>(left);
        ReadOnlySpan<Vector128<double>> b = MemoryMarshal.Cast<double, Vector128<double>>(right);
        Vector128<double> even = Vector128<double>.Zero, odd = Vector128<double>.Zero;
        int k = 0;
        for (; k + 1 < a.Length; k += 2)
        {
            even += a[k] * b[k];
            odd += a[k + 1] * b[k + 1];
        }

        Vector128<double> sums = even + odd;
        double sum = sums.GetElement(0) + sums.GetElement(1);
        for (k *= 2; k < left.Length; k++)
        {
            sum += left[k] * right[k];
        }

        return sum;
    }
}
