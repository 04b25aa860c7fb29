namespace Lapidary.Numerics.Kernels;

/// <summary>Rows of logits x with the two numbers that make probabilities of them: p = e^(x - log sum).</summary>
public readonly unsafe ref struct LogitRows
{
    /// <summary>Rows that lie one behind the other.</summary>
    /// <param name="logits">x [rows, width].</param>
    /// <param name="largest">The largest number of each row [rows].</param>
    /// <param name="logSums">What is subtracted from x for its log-probability [rows]; 0 where x is a log-probability already.</param>
    public LogitRows(float* logits, ReadOnlySpan<float> largest, ReadOnlySpan<double> logSums)
    {
        Logits = logits;
        Largest = largest;
        LogSums = logSums;
    }

    /// <summary>x [rows, width].</summary>
    public float* Logits { get; }

    /// <summary>The largest number of each row [rows].</summary>
    public ReadOnlySpan<float> Largest { get; }

    /// <summary>What is subtracted from x for its log-probability [rows].</summary>
    public ReadOnlySpan<double> LogSums { get; }
}
