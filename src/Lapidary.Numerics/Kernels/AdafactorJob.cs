using System.Runtime.CompilerServices;
using Lapidary.Numerics.Simd;
using Lapidary.Numerics.Threading;

namespace Lapidary.Numerics.Kernels;

/// <summary>The three passes over a gradient that <see cref="AdafactorUpdate"/> makes.</summary>
internal enum AdafactorPhase
{
    /// <summary>Means of the rows, sums of the columns.</summary>
    Means,

    /// <summary>Sum of the squares of the update, and of the weights where they are wanted.</summary>
    Squares,

    /// <summary>The new weights.</summary>
    Weights,
}

/// <summary>
/// Rows are cut into blocks of a fixed number, each done by one worker; what goes across rows is left as one partial sum a block, to
/// be added in the order of the blocks.
/// </summary>
internal unsafe struct AdafactorJob : IParallelJob, IParallelVectorKernel
{
    /// <summary>Rows of a block.</summary>
    public const int BlockRows = 256;

    private const int GroupLength = RandomBits.GroupLength;

    public WeightStore Store;
    public float* Gradient;
    public float* RowMeans;
    public float* RowFactors;
    public float* ColumnFactors;
    public float* ColumnSums;
    public double* UpdateSquares;
    public double* WeightSquares;
    public int Rows;
    public int Columns;
    public float GradientScale;
    public float Epsilon;
    public float Keep;
    public float WeightKeep;
    public float Rate;
    public bool NeedsWeightSquares;

    private AdafactorPhase phase;
    private SharedRows blocks;

    public void Run(WorkerPool pool, AdafactorPhase next)
    {
        phase = next;
        blocks = new SharedRows((Rows + BlockRows - 1) / BlockRows);
        SharedWork.Run(pool, ref this, (long)Rows * Columns);
    }

    public void Execute(int worker, int workers) => VectorDispatch.Run(ref this, worker, workers);

    public void Run<V, TIsa>(int worker, int workers)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        while (blocks.TryTake(workers, out int start, out int end))
        {
            for (int block = start; block < end; block++)
            {
                switch (phase)
                {
                    case AdafactorPhase.Means:
                        AddMeans<V, TIsa>(block);
                        break;
                    case AdafactorPhase.Squares:
                        AddSquares<V, TIsa>(block);
                        break;
                    default:
                        UpdateWeights<V, TIsa>(block);
                        break;
                }
            }
        }
    }

    private readonly int EndOf(int block) => Math.Min(Rows, (block + 1) * BlockRows);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void AddMeans<V, TIsa>(int block)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        float* sums = ColumnSums + ((long)block * Columns);
        V scale = TIsa.Create(GradientScale), epsilon = TIsa.Create(Epsilon);
        for (int row = block * BlockRows; row < EndOf(block); row++)
        {
            float* g = Gradient + ((long)row * Columns);
            V total = TIsa.Zero;
            int j = 0;
            for (; j + TIsa.Width <= Columns; j += TIsa.Width)
            {
                V scaled = TIsa.Multiply(TIsa.Load(g + j), scale);
                V square = TIsa.Add(TIsa.Multiply(scaled, scaled), epsilon);
                total = TIsa.Add(total, square);
                TIsa.Store(sums + j, TIsa.Add(TIsa.Load(sums + j), square));
            }

            float sum = TIsa.Sum(total);
            for (; j < Columns; j++)
            {
                float scaled = g[j] * GradientScale;
                float square = (scaled * scaled) + Epsilon;
                sum += square;
                sums[j] += square;
            }

            if (RowMeans is not null)
            {
                RowMeans[row] = (Keep * RowMeans[row]) + ((1 - Keep) * (sum / Columns));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void AddSquares<V, TIsa>(int block)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        double update = 0, weights = 0;
        float* decoded = stackalloc float[GroupLength];
        for (int row = block * BlockRows; row < EndOf(block); row++)
        {
            float* g = Gradient + ((long)row * Columns);
            V scale = TIsa.Create(RowFactors[row] * GradientScale);
            V total = TIsa.Zero;
            int j = 0;
            for (; j + TIsa.Width <= Columns; j += TIsa.Width)
            {
                V u = TIsa.Multiply(TIsa.Multiply(TIsa.Load(g + j), scale), TIsa.Load(ColumnFactors + j));
                total = TIsa.Add(total, TIsa.Multiply(u, u));
            }

            float sum = TIsa.Sum(total);
            for (; j < Columns; j++)
            {
                float u = g[j] * (RowFactors[row] * GradientScale) * ColumnFactors[j];
                sum += u * u;
            }

            update += sum;
            if (NeedsWeightSquares)
            {
                weights += SquaredWeights<V, TIsa>((long)row * Columns, decoded);
            }
        }

        UpdateSquares[block] = update;
        WeightSquares[block] = weights;
    }

    private readonly float SquaredWeights<V, TIsa>(long offset, float* padded)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        V total = TIsa.Zero;
        int j = 0;
        for (; j + TIsa.Width <= Columns; j += TIsa.Width)
        {
            V p = Store.Load<V, TIsa>(offset + j);
            total = TIsa.Add(total, TIsa.Multiply(p, p));
        }

        if (j < Columns)
        {
            new Span<float>(padded, GroupLength).Clear();
            WeightStore copy = Store;
            copy.Values = padded;
            Store.CopyTo(offset + j, Columns - j, padded);
            V p = copy.Load<V, TIsa>(0);
            total = TIsa.Add(total, TIsa.Multiply(p, p));
        }

        return TIsa.Sum(total);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void UpdateWeights<V, TIsa>(int block)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        uint* words = stackalloc uint[GroupLength];
        float* padded = stackalloc float[3 * GroupLength];
        int groups = (Columns + GroupLength - 1) / GroupLength;
        for (int row = block * BlockRows; row < EndOf(block); row++)
        {
            long offset = (long)row * Columns;
            V factor = TIsa.Create(RowFactors[row] * GradientScale);
            for (int group = 0; group < groups; group++)
            {
                int column = group * GroupLength;
                int length = Math.Min(GroupLength, Columns - column);
                Store.Draw<V, TIsa>(words, ((long)row * groups) + group);
                if (length == GroupLength)
                {
                    UpdateGroup<V, TIsa>(in Store, offset + column, Gradient + offset + column, ColumnFactors + column, words, factor);
                    continue;
                }

                // The last, partial group goes through the same instructions on a padded copy.
                new Span<float>(padded, 3 * GroupLength).Clear();
                WeightStore copy = Store;
                copy.Values = padded;
                Store.CopyTo(offset + column, length, padded);
                new ReadOnlySpan<float>(Gradient + offset + column, length).CopyTo(new Span<float>(padded + GroupLength, length));
                new ReadOnlySpan<float>(ColumnFactors + column, length).CopyTo(new Span<float>(padded + (2 * GroupLength), length));
                UpdateGroup<V, TIsa>(in copy, 0, padded + GroupLength, padded + (2 * GroupLength), words, factor);
                Store.CopyFrom(padded, offset + column, length);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void UpdateGroup<V, TIsa>(
        in WeightStore store, long offset, float* gradient, float* columnFactors, uint* words, V rowFactor)
        where V : struct
        where TIsa : struct, IVectorIsa<V>
    {
        V rate = TIsa.Create(Rate), keep = TIsa.Create(WeightKeep);
        for (int i = 0; i < GroupLength; i += TIsa.Width)
        {
            V u = TIsa.Multiply(TIsa.Multiply(TIsa.Load(gradient + i), rowFactor), TIsa.Load(columnFactors + i));
            V value = TIsa.Multiply(store.Load<V, TIsa>(offset + i), keep);
            store.Store<V, TIsa>(offset + i, TIsa.Subtract(value, TIsa.Multiply(rate, u)), words + i);
        }
    }
}
