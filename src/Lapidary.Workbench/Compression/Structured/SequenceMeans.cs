using System.Numerics;
using System.Runtime.InteropServices;

namespace Lapidary.Workbench.Compression;

/// <summary>
/// Aggregates the magnitudes of some channels as Minitron does (Muralidharan et al. 2024, section 2.2): the mean of |x| over the tokens of a
/// sequence, and of these means the L2 norm over the sequences.
/// </summary>
/// <remarks>
/// Each channel is summed in double precision in the order of the tokens, so no cut of the tokens into passes, number of threads or width of
/// vectors changes a bit.
/// </remarks>
internal sealed class SequenceMeans(int channels)
{
    private readonly double[] magnitudes = new double[channels];
    private readonly double[] squares = new double[channels];
    private long tokens;

    /// <summary>Takes tokens of the sequence that runs.</summary>
    /// <param name="rows">[tokens, channels].</param>
    public void Add(ReadOnlySpan<float> rows)
    {
        for (; !rows.IsEmpty; rows = rows[magnitudes.Length..])
        {
            AddRow(rows[..magnitudes.Length]);
            tokens++;
        }
    }

    /// <summary>Ends the sequence; one without tokens counts for nothing.</summary>
    public void EndSequence()
    {
        for (int i = 0; i < magnitudes.Length && tokens > 0; i++)
        {
            double mean = magnitudes[i] / tokens;
            squares[i] += mean * mean;
        }

        Array.Clear(magnitudes);
        tokens = 0;
    }

    /// <summary>The score of each channel over all sequences that have ended.</summary>
    public double[] Scores() => Array.ConvertAll(squares, Math.Sqrt);

    private void AddRow(ReadOnlySpan<float> row)
    {
        ReadOnlySpan<Vector<float>> wide = MemoryMarshal.Cast<float, Vector<float>>(row);
        Span<Vector<double>> sums = MemoryMarshal.Cast<double, Vector<double>>(magnitudes.AsSpan());
        for (int i = 0; i < wide.Length; i++)
        {
            Vector.Widen(Vector.Abs(wide[i]), out Vector<double> low, out Vector<double> high);
            sums[2 * i] += low;
            sums[(2 * i) + 1] += high;
        }

        for (int i = wide.Length * Vector<float>.Count; i < row.Length; i++)
        {
            magnitudes[i] += Math.Abs((double)row[i]);
        }
    }
}
