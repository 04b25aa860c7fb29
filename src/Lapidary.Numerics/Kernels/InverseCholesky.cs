using System.Runtime.Intrinsics;
using Lapidary.Numerics.Memory;
using Lapidary.Numerics.Threading;

namespace Lapidary.Numerics.Kernels;

/// <summary>
/// The upper triangular U with U^T U = H^-1 of a symmetric positive definite H, in double precision: what second-order pruning and
/// quantization (SparseGPT, GPTQ) divide and propagate errors by.
/// </summary>
/// <remarks>
/// With R upper triangular and H = R R^T, which is the Cholesky decomposition from the last row and column on, H^-1 = (R^-1)^T R^-1, so
/// U = R^-1: one decomposition and one triangular inverse, where the way over H^-1 takes two decompositions and an inverse. In memory
/// everything runs backwards, which makes R the usual lower factor. The result is the same for any number of threads.
/// </remarks>
public static unsafe class InverseCholesky
{
    // Columns that are decomposed together, and columns of the inverse that a worker keeps in registers.
    private const int Block = 32;

    /// <summary>Puts U in the place of H.</summary>
    /// <param name="pool">Workers.</param>
    /// <param name="matrix">H, of which the diagonal and what lies above it is read; then U, below whose diagonal nothing has a meaning.</param>
    /// <param name="added">Added to the diagonal of H [size].</param>
    /// <returns>False where the matrix is not positive definite within the precision; what it holds then has no meaning.</returns>
    public static bool Factor(WorkerPool pool, SquareMatrix matrix, ReadOnlySpan<double> added)
    {
        ArgumentNullException.ThrowIfNull(pool);
        ArgumentNullException.ThrowIfNull(matrix);
        ArgumentOutOfRangeException.ThrowIfNotEqual(added.Length, matrix.Size);
        int size = matrix.Size;
        nint stride = matrix.Stride;
        using var memory = new NativeMemoryBlock(SquareMatrix.BytesOf(size));
        var lower = (double*)memory.Pointer;
        double* source = matrix.Data;
        for (int i = 0; i < size; i++)
        {
            double* from = source + ((size - 1 - i) * stride) + (size - 1);
            double* to = lower + (i * stride);
            for (int j = 0; j <= i; j++)
            {
                to[j] = from[-j];
            }

            to[i] += added[size - 1 - i];
        }

        if (!Decompose(pool, lower, size, stride))
        {
            return false;
        }

        pool.EnsureScratch((long)size * Block * sizeof(double));
        var inverse = new InverseJob
        {
            Pool = pool, Lower = lower, Upper = source, Size = size, Stride = stride, Units = new SharedRows((size + Block - 1) / Block),
        };
        pool.Run(ref inverse);
        return true;
    }

    // Block columns from left to right: each row first loses what the finished columns explain, then the block's own triangle.
    private static bool Decompose(WorkerPool pool, double* lower, int size, nint stride)
    {
        for (int first = 0; first < size; first += Block)
        {
            int count = Math.Min(Block, size - first);
            if (first > 0)
            {
                var update = new UpdateJob
                {
                    Lower = lower, Stride = stride, First = first, Count = count, Size = size, Pairs = new SharedRows((size - first + 1) / 2),
                };
                SharedWork.Run(pool, ref update, (long)(size - first) * count * first / 8);
            }

            if (!DecomposeTriangle(lower, stride, first, count))
            {
                return false;
            }

            int below = size - first - count;
            if (below > 0)
            {
                var solve = new SolveJob { Lower = lower, Stride = stride, First = first, Count = count, Rows = new SharedRows(below) };
                SharedWork.Run(pool, ref solve, (long)below * count * count / 4);
            }
        }

        return true;
    }

    private static bool DecomposeTriangle(double* lower, nint stride, int first, int count)
    {
        for (int i = first; i < first + count; i++)
        {
            double* row = lower + (i * stride);
            for (int j = first; j < i; j++)
            {
                row[j] = (row[j] - Dot(row, lower + (j * stride), first, j)) / lower[(j * stride) + j];
            }

            double pivot = row[i] - Dot(row, row, first, i);
            if (!(pivot > 0) || !double.IsFinite(pivot))
            {
                return false;
            }

            row[i] = Math.Sqrt(pivot);
        }

        return true;
    }

    private static double Dot(double* a, double* b, int start, int end)
    {
        double sum = 0;
        for (int i = start; i < end; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }

    private struct UpdateJob : IParallelJob
    {
        public double* Lower;
        public nint Stride;
        public int First;
        public int Count;
        public int Size;
        public SharedRows Pairs;

        public void Execute(int worker, int workers)
        {
            while (Pairs.TryTake(workers, out int start, out int end))
            {
                for (int pair = start; pair < end; pair++)
                {
                    int row = First + (2 * pair);
                    for (int column = 0; column < Count; column += 4)
                    {
                        // An odd row at the end is its own neighbour; then the same numbers are written twice.
                        Subtract(Lower + (row * Stride), Lower + (Math.Min(row + 1, Size - 1) * Stride), First + column);
                    }
                }
            }
        }

        // Two rows by four columns; rows behind the last are zeros.
        private readonly void Subtract(double* a, double* b, int column)
        {
            double* c = Lower + (column * Stride);
            double* d = c + Stride, e = d + Stride, f = e + Stride;
            Vector256<double> ac = default, ad = default, ae = default, af = default, bc = default, bd = default, be = default, bf = default;
            for (int k = 0; k < First; k += 4)
            {
                Vector256<double> x = Vector256.Load(a + k), y = Vector256.Load(b + k);
                Vector256<double> v = Vector256.Load(c + k);
                ac = Vector256.FusedMultiplyAdd(x, v, ac);
                bc = Vector256.FusedMultiplyAdd(y, v, bc);
                v = Vector256.Load(d + k);
                ad = Vector256.FusedMultiplyAdd(x, v, ad);
                bd = Vector256.FusedMultiplyAdd(y, v, bd);
                v = Vector256.Load(e + k);
                ae = Vector256.FusedMultiplyAdd(x, v, ae);
                be = Vector256.FusedMultiplyAdd(y, v, be);
                v = Vector256.Load(f + k);
                af = Vector256.FusedMultiplyAdd(x, v, af);
                bf = Vector256.FusedMultiplyAdd(y, v, bf);
            }

            // Loaded before anything is stored: the two rows may be one.
            Vector256<double> first = Vector256.Load(a + column) - Sums(ac, ad, ae, af);
            Vector256<double> second = Vector256.Load(b + column) - Sums(bc, bd, be, bf);
            first.Store(a + column);
            second.Store(b + column);
        }

        private static Vector256<double> Sums(Vector256<double> a, Vector256<double> b, Vector256<double> c, Vector256<double> d) =>
            Vector256.Create(Vector256.Sum(a), Vector256.Sum(b), Vector256.Sum(c), Vector256.Sum(d));
    }

    private struct SolveJob : IParallelJob
    {
        public double* Lower;
        public nint Stride;
        public int First;
        public int Count;
        public SharedRows Rows;

        public void Execute(int worker, int workers)
        {
            while (Rows.TryTake(workers, out int start, out int end))
            {
                for (int i = start; i < end; i++)
                {
                    double* row = Lower + ((First + Count + i) * Stride);
                    for (int j = First; j < First + Count; j++)
                    {
                        double* other = Lower + (j * Stride);
                        row[j] = (row[j] - Dot(row, other, First, j)) / other[j];
                    }
                }
            }
        }
    }

    private struct InverseJob : IParallelJob
    {
        public WorkerPool Pool;
        public double* Lower;
        public double* Upper;
        public int Size;
        public nint Stride;
        public SharedRows Units;

        public void Execute(int worker, int workers)
        {
            var rows = (double*)Pool.Scratch(worker);
            while (Units.TryTake(workers, out int start, out int end))
            {
                for (int unit = start; unit < end; unit++)
                {
                    Invert(rows, unit * Block);
                }
            }
        }

        // Columns first to first + 31 of the inverse M of the lower factor: M_i = (e_i - sum over k < i of L_ik M_k) / L_ii.
        private readonly void Invert(double* rows, int first)
        {
            int count = Math.Min(Block, Size - first);
            for (int i = first; i < Size; i++)
            {
                double* row = rows + ((nint)(i - first) * Block);
                Multiply(Lower + (i * Stride) + first, rows, i - first, row);
                double pivot = Lower[(i * Stride) + i];
                double* target = Upper + ((Size - 1 - i) * Stride) + (Size - 1 - first);
                for (int j = 0; j < Block; j++)
                {
                    row[j] = ((first + j == i ? 1 : 0) - row[j]) / pivot;
                    if (j < count && first + j <= i)
                    {
                        target[-j] = row[j];
                    }
                }
            }
        }

        private static void Multiply(double* factors, double* rows, int count, double* result)
        {
            Vector256<double> a = default, b = default, c = default, d = default, e = default, f = default, g = default, h = default;
            for (int k = 0; k < count; k++, rows += Block)
            {
                Vector256<double> factor = Vector256.Create(factors[k]);
                a = Vector256.FusedMultiplyAdd(factor, Vector256.Load(rows), a);
                b = Vector256.FusedMultiplyAdd(factor, Vector256.Load(rows + 4), b);
                c = Vector256.FusedMultiplyAdd(factor, Vector256.Load(rows + 8), c);
                d = Vector256.FusedMultiplyAdd(factor, Vector256.Load(rows + 12), d);
                e = Vector256.FusedMultiplyAdd(factor, Vector256.Load(rows + 16), e);
                f = Vector256.FusedMultiplyAdd(factor, Vector256.Load(rows + 20), f);
                g = Vector256.FusedMultiplyAdd(factor, Vector256.Load(rows + 24), g);
                h = Vector256.FusedMultiplyAdd(factor, Vector256.Load(rows + 28), h);
            }

            a.Store(result);
            b.Store(result + 4);
            c.Store(result + 8);
            d.Store(result + 12);
            e.Store(result + 16);
            f.Store(result + 20);
            g.Store(result + 24);
            h.Store(result + 28);
        }
    }
}
