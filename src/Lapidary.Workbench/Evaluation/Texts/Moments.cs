namespace Lapidary.Workbench.Evaluation.Texts;

/// <summary>Sums over scored tokens, in double precision, of which means and their standard errors are made.</summary>
internal struct Moments
{
    private double sum;
    private double squares;

    /// <summary>The number of values.</summary>
    public int Count { get; private set; }

    /// <summary>The mean; not a number where there is no value.</summary>
    public readonly double Mean => sum / Count;

    /// <summary>The mean of the squares.</summary>
    public readonly double MeanSquare => squares / Count;

    /// <summary>Adds a value.</summary>
    public void Add(double value)
    {
        sum += value;
        squares += value * value;
        Count++;
    }

    /// <summary>
    /// The mean m and its standard error sqrt((mean of squares - m^2) / (n - 1)); none of fewer values than <paramref name="enough"/>.
    /// </summary>
    public readonly UncertainValue Estimate(int enough = 2)
    {
        // Rounding may leave less than nothing where all values are the same.
        double variance = Math.Max(0, MeanSquare - (Mean * Mean));
        return new UncertainValue(Mean, Count < enough ? 0 : Math.Sqrt(variance / (Count - 1)));
    }
}
