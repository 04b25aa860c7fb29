namespace Lapidary.Workbench.Training;

/// <summary>
/// An exponential moving average with the correction of its bias towards zero: sum of decay^age * value over the sum of decay^age, as in
/// Adam (Kingma and Ba 2015, section 3). The first value is its own average. Values that are not finite are passed over.
/// </summary>
public sealed class ExponentialAverage
{
    private readonly double decay;

    /// <summary>An average of nothing yet.</summary>
    /// <param name="decay">What a value weighs against the one after it: 0 for the latest value alone, below 1.</param>
    public ExponentialAverage(double decay)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(decay);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(decay, 1);
        this.decay = decay;
    }

    /// <summary>Sum of the values, each weighed by its age; with <see cref="Weight"/> the whole state.</summary>
    public double Sum { get; private set; }

    /// <summary>Sum of the weights.</summary>
    public double Weight { get; private set; }

    /// <summary>The average; NaN where there was no value.</summary>
    public double Value => Sum / Weight;

    /// <summary>Adds a value and gives the new average.</summary>
    public double Add(double value)
    {
        if (double.IsFinite(value))
        {
            Sum = (decay * Sum) + ((1 - decay) * value);
            Weight = (decay * Weight) + (1 - decay);
        }

        return Value;
    }

    /// <summary>Goes on from a state that was kept.</summary>
    /// <param name="sum">A finite <see cref="Sum"/>.</param>
    /// <param name="weight">A <see cref="Weight"/> between 0 and 1.</param>
    public void Restore(double sum, double weight)
    {
        Sum = sum;
        Weight = weight;
    }
}
