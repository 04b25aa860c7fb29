using Lapidary.Numerics;
using Lapidary.Workbench.Compression;

namespace Lapidary.Workbench.Training;

/// <summary>
/// Sets the weights of the smallest magnitude to zero, over one matrix or many, without a copy of their magnitudes: two histograms of the
/// bits of the floats, whose order is that of the magnitudes, give the threshold exactly. Of equal magnitudes the first ones go.
/// </summary>
internal static unsafe class SmallestMagnitudes
{
    private const int LowBits = 15;

    // Larger than the bits of every magnitude.
    private const uint Spared = uint.MaxValue;

    /// <summary>Sets exactly <paramref name="count"/> weights to zero, those that are zero already being the first among them.</summary>
    /// <param name="matrices">F32 or BF16 in memory.</param>
    /// <param name="count">How many: at most as many as may be zero.</param>
    /// <param name="pattern">Of each group of a row only so many may be zero, the smallest; null where all may.</param>
    public static void Zero(IReadOnlyList<Tensor> matrices, long count, SparsityPattern? pattern)
    {
        if (count <= 0)
        {
            return;
        }

        var high = new long[1 << (31 - LowBits)];
        Visit(matrices, pattern, (_, _, magnitudes) =>
        {
            foreach (uint bits in magnitudes)
            {
                if (bits != Spared)
                {
                    high[bits >> LowBits]++;
                }
            }
        });
        (uint top, long left) = Find(high, count);
        var low = new long[1 << LowBits];
        Visit(matrices, pattern, (_, _, magnitudes) =>
        {
            foreach (uint bits in magnitudes)
            {
                if (bits >> LowBits == top)
                {
                    low[bits & ((1 << LowBits) - 1)]++;
                }
            }
        });
        (uint bottom, long equal) = Find(low, left);
        uint threshold = (top << LowBits) | bottom;
        Visit(matrices, pattern, (matrix, row, magnitudes) =>
        {
            for (int i = 0; i < magnitudes.Length; i++)
            {
                if (magnitudes[i] < threshold || (magnitudes[i] == threshold && equal-- > 0))
                {
                    Clear(matrix, row, i);
                }
            }
        });
    }

    // The first entry at which the running sum reaches the count, and how many of that entry it takes.
    private static (uint Index, long Taken) Find(long[] histogram, long count)
    {
        for (uint i = 0; i < histogram.Length; i++)
        {
            if (count <= histogram[i])
            {
                return (i, count);
            }

            count -= histogram[i];
        }

        throw new ArgumentOutOfRangeException(nameof(count), "There are fewer weights that may be zero.");
    }

    private static void Visit(IReadOnlyList<Tensor> matrices, SparsityPattern? pattern, Action<Tensor, long, uint[]> visit)
    {
        foreach (Tensor matrix in matrices)
        {
            var magnitudes = new uint[matrix.RowLength];
            for (long row = 0; row < matrix.Rows; row++)
            {
                Read(matrix, row, magnitudes);
                if (pattern is { } groups)
                {
                    SpareLargest(magnitudes, groups);
                }

                visit(matrix, row, magnitudes);
            }
        }
    }

    private static void Read(Tensor matrix, long row, uint[] magnitudes)
    {
        byte* data = matrix.RowPointer(row);
        for (int i = 0; i < magnitudes.Length; i++)
        {
            magnitudes[i] = matrix.Type == ElementType.F32
                ? ((uint*)data)[i] & 0x7FFF_FFFF
                : (uint)(((ushort*)data)[i] & 0x7FFF) << 16;
        }
    }

    private static void SpareLargest(Span<uint> magnitudes, SparsityPattern pattern)
    {
        Span<uint> group = stackalloc uint[pattern.Group];
        for (int start = 0; start < magnitudes.Length; start += group.Length)
        {
            Span<uint> part = magnitudes.Slice(start, group.Length);
            part.CopyTo(group);
            for (int i = 0; i < group.Length; i++)
            {
                part[i] = Rank(group, i) < pattern.Dropped ? group[i] : Spared;
            }
        }
    }

    // How many come before an element; groups are short, so counting beats sorting.
    private static int Rank(ReadOnlySpan<uint> group, int element)
    {
        int before = 0;
        for (int i = 0; i < group.Length; i++)
        {
            before += group[i] < group[element] || (group[i] == group[element] && i < element) ? 1 : 0;
        }

        return before;
    }

    private static void Clear(Tensor matrix, long row, int column)
    {
        if (matrix.Type == ElementType.F32)
        {
            ((float*)matrix.RowPointer(row))[column] = 0;
        }
        else
        {
            ((ushort*)matrix.RowPointer(row))[column] = 0;
        }
    }
}
