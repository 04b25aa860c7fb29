using System.Runtime.Intrinsics;
using Lapidary.Numerics.Memory;
using Lapidary.Numerics.Threading;

namespace Lapidary.Numerics.Kernels;

/// <summary>H = X^T X of rows that come a few at a time, in double precision: the second moments of the input of a matrix.</summary>
/// <remarks>
/// The product of two float32 numbers is exact in double precision and each element of H is summed in the order of the rows, so no cut of
/// the rows, number of threads or width of vectors changes a bit.
/// </remarks>
public sealed unsafe class GramMatrix : IDisposable
{
    // Rows of X that are packed together; a strip of them and its part of H stay in the first cache.
    private const int PanelRows = 64;
    private const int Strip = SquareMatrix.Padding;

    private readonly NativeMemoryBlock panel;

    /// <summary>A sum of nothing.</summary>
    /// <param name="width">Columns of X.</param>
    public GramMatrix(int width)
    {
        Sum = new SquareMatrix(width);
        panel = new NativeMemoryBlock((long)Sum.Stride * PanelRows * sizeof(double));
    }

    /// <summary>H [width, width]; only the diagonal and what lies above it has a meaning.</summary>
    public SquareMatrix Sum { get; }

    /// <summary>Adds the products of some rows.</summary>
    /// <param name="pool">Workers that share the elements of H.</param>
    /// <param name="rows">X [rows, width].</param>
    /// <exception cref="ArgumentException">That is no whole number of rows.</exception>
    public void Add(WorkerPool pool, ReadOnlySpan<float> rows)
    {
        ArgumentNullException.ThrowIfNull(pool);
        if (rows.Length % Sum.Size != 0)
        {
            throw new ArgumentException($"{rows.Length} numbers are no whole rows of {Sum.Size}.", nameof(rows));
        }

        for (; !rows.IsEmpty; rows = rows[Math.Min(rows.Length, PanelRows * Sum.Size)..])
        {
            int count = Math.Min(PanelRows, rows.Length / Sum.Size);
            Pack(rows, count);
            var job = new Job
            {
                Panel = (double*)panel.Pointer, Sum = Sum.Data, Stride = Sum.Stride, Count = count, Units = new SharedRows(Sum.Stride / Strip),
            };
            SharedWork.Run(pool, ref job, (long)count * Sum.Stride * Sum.Stride / 16);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Sum.Dispose();
        panel.Dispose();
    }

    // Strips of eight columns, one behind the other: [strip, row, column]. What lies behind the last column stays 0.
    private void Pack(ReadOnlySpan<float> rows, int count)
    {
        var packed = (double*)panel.Pointer;
        for (int row = 0; row < count; row++)
        {
            ReadOnlySpan<float> values = rows.Slice(row * Sum.Size, Sum.Size);
            for (int column = 0; column < values.Length; column++)
            {
                packed[(((nint)(column / Strip) * PanelRows) + row) * Strip + (column % Strip)] = values[column];
            }
        }
    }

    private struct Job : IParallelJob
    {
        public double* Panel;
        public double* Sum;
        public int Stride;
        public int Count;
        public SharedRows Units;

        public void Execute(int worker, int workers)
        {
            while (Units.TryTake(workers, out int start, out int end))
            {
                for (int unit = start; unit < end; unit++)
                {
                    for (int column = unit * Strip; column < Stride; column += Strip)
                    {
                        if (Vector512.IsHardwareAccelerated)
                        {
                            AddWideTile(unit * Strip, column);
                        }
                        else
                        {
                            AddTile(unit * Strip, column);
                            AddTile((unit * Strip) + 4, column);
                        }
                    }
                }
            }
        }

        // Eight rows of H by eight columns. Each element is the same chain of sums as in the narrow tile.
        private readonly void AddWideTile(int row, int column)
        {
            double* target = Sum + ((nint)row * Stride) + column;
            double* left = Panel + ((nint)(row / Strip) * PanelRows * Strip);
            double* right = Panel + ((nint)(column / Strip) * PanelRows * Strip);
            nint stride = Stride;
            Vector512<double> a = Vector512.Load(target), b = Vector512.Load(target + stride);
            Vector512<double> c = Vector512.Load(target + (2 * stride)), d = Vector512.Load(target + (3 * stride));
            Vector512<double> e = Vector512.Load(target + (4 * stride)), f = Vector512.Load(target + (5 * stride));
            Vector512<double> g = Vector512.Load(target + (6 * stride)), h = Vector512.Load(target + (7 * stride));
            for (int i = 0; i < Count; i++, left += Strip, right += Strip)
            {
                Vector512<double> values = Vector512.Load(right);
                a = Vector512.FusedMultiplyAdd(Vector512.Create(left[0]), values, a);
                b = Vector512.FusedMultiplyAdd(Vector512.Create(left[1]), values, b);
                c = Vector512.FusedMultiplyAdd(Vector512.Create(left[2]), values, c);
                d = Vector512.FusedMultiplyAdd(Vector512.Create(left[3]), values, d);
                e = Vector512.FusedMultiplyAdd(Vector512.Create(left[4]), values, e);
                f = Vector512.FusedMultiplyAdd(Vector512.Create(left[5]), values, f);
                g = Vector512.FusedMultiplyAdd(Vector512.Create(left[6]), values, g);
                h = Vector512.FusedMultiplyAdd(Vector512.Create(left[7]), values, h);
            }

            a.Store(target);
            b.Store(target + stride);
            c.Store(target + (2 * stride));
            d.Store(target + (3 * stride));
            e.Store(target + (4 * stride));
            f.Store(target + (5 * stride));
            g.Store(target + (6 * stride));
            h.Store(target + (7 * stride));
        }

        // Four rows of H by eight columns, kept in registers while the rows of the panel pass by.
        private readonly void AddTile(int row, int column)
        {
            double* target = Sum + ((nint)row * Stride) + column;
            double* left = Panel + ((nint)(row / Strip) * PanelRows * Strip) + (row % Strip);
            double* right = Panel + ((nint)(column / Strip) * PanelRows * Strip);
            nint stride = Stride;
            Vector256<double> a0 = Vector256.Load(target), b0 = Vector256.Load(target + 4);
            Vector256<double> a1 = Vector256.Load(target + stride), b1 = Vector256.Load(target + stride + 4);
            Vector256<double> a2 = Vector256.Load(target + (2 * stride)), b2 = Vector256.Load(target + (2 * stride) + 4);
            Vector256<double> a3 = Vector256.Load(target + (3 * stride)), b3 = Vector256.Load(target + (3 * stride) + 4);
            for (int i = 0; i < Count; i++, left += Strip, right += Strip)
            {
                Vector256<double> low = Vector256.Load(right), high = Vector256.Load(right + 4);
                Vector256<double> x = Vector256.Create(left[0]);
                a0 = Vector256.FusedMultiplyAdd(x, low, a0);
                b0 = Vector256.FusedMultiplyAdd(x, high, b0);
                x = Vector256.Create(left[1]);
                a1 = Vector256.FusedMultiplyAdd(x, low, a1);
                b1 = Vector256.FusedMultiplyAdd(x, high, b1);
                x = Vector256.Create(left[2]);
                a2 = Vector256.FusedMultiplyAdd(x, low, a2);
                b2 = Vector256.FusedMultiplyAdd(x, high, b2);
                x = Vector256.Create(left[3]);
                a3 = Vector256.FusedMultiplyAdd(x, low, a3);
                b3 = Vector256.FusedMultiplyAdd(x, high, b3);
            }

            a0.Store(target);
            b0.Store(target + 4);
            a1.Store(target + stride);
            b1.Store(target + stride + 4);
            a2.Store(target + (2 * stride));
            b2.Store(target + (2 * stride) + 4);
            a3.Store(target + (3 * stride));
            b3.Store(target + (3 * stride) + 4);
        }
    }
}
