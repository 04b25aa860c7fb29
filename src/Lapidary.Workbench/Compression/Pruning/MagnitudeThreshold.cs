using System.Runtime.InteropServices;

namespace Lapidary.Workbench.Compression;

/// <summary>
/// Below which magnitude the weights of a group of matrices become 0. Two histograms over the bits of the magnitudes find it, so the memory is
/// the same for a matrix and for a whole model.
/// </summary>
/// <param name="Bits">The largest magnitude that goes, as the bits of a float32.</param>
/// <param name="Equal">How many weights of just that magnitude go, the first ones of the matrix.</param>
internal readonly record struct MagnitudeThreshold(uint Bits, long Equal)
{
    private const int LowBits = 15;
    private const uint Magnitude = int.MaxValue;
    private const uint Infinity = 0x7F80_0000;

    /// <summary>The thresholds of a group's matrices: one magnitude, and each matrix its share of the weights that have it.</summary>
    /// <param name="group">The matrices; among equal weights those of the first go first.</param>
    /// <param name="count">How many of their weights go.</param>
    /// <param name="cancellationToken">Looked at between matrices.</param>
    /// <exception cref="Checkpoints.CheckpointException">A weight is not finite.</exception>
    public static MagnitudeThreshold[] Of(IReadOnlyList<SelectedMatrix> group, long count, CancellationToken cancellationToken)
    {
        // Magnitudes are ordered as their bits are. First the upper 16 of the 31, then the others of those that share them.
        var high = new long[1 << (31 - LowBits)];
        foreach (SelectedMatrix matrix in group)
        {
            cancellationToken.ThrowIfCancellationRequested();
            CountUpper(matrix, high);
            if (high.AsSpan((int)(Infinity >> LowBits)).ContainsAnyExcept(0))
            {
                throw matrix.NotFinite();
            }
        }

        long wanted = count;
        uint upper = Find(high, ref wanted);
        var low = new long[group.Count][];
        var all = new long[1 << LowBits];
        for (int i = 0; i < low.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            low[i] = new long[1 << LowBits];
            CountLower(group[i], upper, low[i]);
            for (int bin = 0; bin < all.Length; bin++)
            {
                all[bin] += low[i][bin];
            }
        }

        uint lower = Find(all, ref wanted);
        return [.. low.Select(counts =>
        {
            long equal = Math.Min(wanted, counts[lower]);
            wanted -= equal;
            return new MagnitudeThreshold((upper << LowBits) | lower, equal);
        })];
    }

    /// <summary>Marks what goes in the next row of a matrix.</summary>
    /// <param name="row">The row.</param>
    /// <param name="dropped">Receives the marks.</param>
    /// <param name="equal">How many weights of the threshold's magnitude have gone already.</param>
    public void Mark(ReadOnlySpan<float> row, Span<bool> dropped, ref long equal)
    {
        ReadOnlySpan<uint> words = MemoryMarshal.Cast<float, uint>(row);
        for (int i = 0; i < words.Length; i++)
        {
            uint bits = words[i] & Magnitude;
            dropped[i] = bits < Bits || (bits == Bits && equal++ < Equal);
        }
    }

    private static void CountUpper(SelectedMatrix matrix, long[] counts)
    {
        var row = new float[matrix.Columns];
        for (int i = 0; i < matrix.Rows; i++)
        {
            matrix.Weights.DecodeRow(i, row);
            foreach (uint bits in MemoryMarshal.Cast<float, uint>(row))
            {
                counts[(bits & Magnitude) >> LowBits]++;
            }
        }
    }

    private static void CountLower(SelectedMatrix matrix, uint upper, long[] counts)
    {
        var row = new float[matrix.Columns];
        for (int i = 0; i < matrix.Rows; i++)
        {
            matrix.Weights.DecodeRow(i, row);
            foreach (uint bits in MemoryMarshal.Cast<float, uint>(row))
            {
                if ((bits & Magnitude) >> LowBits == upper)
                {
                    counts[bits & ((1 << LowBits) - 1)]++;
                }
            }
        }
    }

    // The bin of the wanted-th weight, counted from 1; then which of that bin it is.
    private static uint Find(long[] counts, ref long wanted)
    {
        uint bin = 0;
        for (; bin < counts.Length - 1 && wanted > counts[bin]; bin++)
        {
            wanted -= counts[bin];
        }

        return bin;
    }
}
