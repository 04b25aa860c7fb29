namespace Lapidary.Workbench.Training;

/// <summary>The validation loss before and after a run, on the same examples, in nats per target token.</summary>
/// <param name="Before">Mean loss before.</param>
/// <param name="After">Mean loss after.</param>
/// <param name="Difference">After minus before.</param>
/// <param name="HalfWidth">Half the width of the 95 % interval of the difference, from the variation between examples.</param>
/// <param name="Examples">Number of examples.</param>
public sealed record ValidationChange(double Before, double After, double Difference, double HalfWidth, int Examples)
{
    /// <summary>Whether the interval excludes zero.</summary>
    public bool IsSignificant => Math.Abs(Difference) > HalfWidth;

    internal static ValidationChange? Of(IReadOnlyList<ExampleLoss>? before, IReadOnlyList<ExampleLoss>? after)
    {
        if (before is null || after is null || before.Count != after.Count || after.Count == 0)
        {
            return null;
        }

        (double difference, double halfWidth) = ExampleLoss.Change(before, after);
        return new ValidationChange(Mean(before), Mean(after), difference, halfWidth, after.Count);
    }

    private static double Mean(IReadOnlyList<ExampleLoss> examples) =>
        examples.Sum(example => example.Loss) / examples.Sum(example => (double)example.Targets);
}
