using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Lapidary.Numerics.Threading;

namespace Lapidary.Numerics.Kernels;

/// <summary>
/// The products of a matrix in float32 with a few vectors in double precision. In the inner loop lie the vectors, so that each sum is
/// made in the order of the rows or columns and no two workers write to the same place.
/// </summary>
internal sealed unsafe class SvdProducts(WorkerPool pool, float* matrix, int rows, int columns, int count)
{
    // Columns of one worker in the transposed product: what it adds to stays in its cache.
    private const int ColumnBlock = 64;

    private readonly int padded = (count + 3) & ~3;

    /// <summary>A x for each x [columns] of the set.</summary>
    public VectorSet Multiply(VectorSet set) => Run(set, rows, rows, transposed: false);

    /// <summary>A^T x for each x [rows] of the set.</summary>
    public VectorSet MultiplyTransposed(VectorSet set) =>
        Run(set, columns, (columns + ColumnBlock - 1) / ColumnBlock, transposed: true);

    private VectorSet Run(VectorSet set, int length, int units, bool transposed)
    {
        double[] input = Interleave(set);
        var output = new double[(long)length * padded];
        fixed (double* x = input, y = output)
        {
            var job = new Job
            {
                Matrix = matrix,
                Input = x,
                Output = y,
                Rows = rows,
                Columns = columns,
                Padded = padded,
                Transposed = transposed,
                Units = new SharedRows(units),
            };
            SharedWork.Run(pool, ref job, (long)rows * columns);
        }

        var result = new VectorSet(count, length);
        Span<double> values = result.Values;
        for (int i = 0; i < length; i++)
        {
            for (int k = 0; k < count; k++)
            {
                values[(k * length) + i] = output[((long)i * padded) + k];
            }
        }

        return result;
    }

    private double[] Interleave(VectorSet set)
    {
        var result = new double[(long)set.Length * padded];
        for (int k = 0; k < count; k++)
        {
            ReadOnlySpan<double> vector = set[k];
            for (int i = 0; i < vector.Length; i++)
            {
                result[((long)i * padded) + k] = vector[i];
            }
        }

        return result;
    }

    private struct Job : IParallelJob
    {
        public float* Matrix;
        public double* Input;
        public double* Output;
        public int Rows;
        public int Columns;
        public int Padded;
        public bool Transposed;
        public SharedRows Units;

        public void Execute(int worker, int workers)
        {
            while (Units.TryTake(workers, out int start, out int end))
            {
                if (Transposed)
                {
                    MultiplyTransposed((long)start * ColumnBlock, Math.Min(Columns, (long)end * ColumnBlock));
                }
                else
                {
                    Multiply(start, end);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Multiply(long start, long end)
        {
            for (long row = start; row < end; row++)
            {
                for (int column = 0; column < Columns; column++)
                {
                    AddScaled(Output + (row * Padded), Input + ((long)column * Padded), Matrix[(row * Columns) + column]);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void MultiplyTransposed(long start, long end)
        {
            for (long first = start; first < end; first += ColumnBlock)
            {
                for (int row = 0; row < Rows; row++)
                {
                    for (long column = first; column < Math.Min(end, first + ColumnBlock); column++)
                    {
                        AddScaled(Output + (column * Padded), Input + ((long)row * Padded), Matrix[((long)row * Columns) + column]);
                    }
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly void AddScaled(double* target, double* vector, float factor)
        {
            Vector256<double> factors = Vector256.Create((double)factor);
            for (int k = 0; k < Padded; k += 4)
            {
                (Vector256.Load(target + k) + (Vector256.Load(vector + k) * factors)).Store(target + k);
            }
        }
    }
}
