using Lapidary.Workbench.Training.Tape;

namespace Lapidary.Workbench.Training;

/// <summary>What one example of the validation costs.</summary>
/// <param name="Loss">Sum over its targets, in nats.</param>
/// <param name="Targets">How many.</param>
public readonly record struct ExampleLoss(double Loss, int Targets)
{
    /// <summary>Sums the losses of a batch's wanted rows for each document; one without a target gives 0 and 0.</summary>
    internal static IEnumerable<ExampleLoss> Of(TapeBatch batch, IEnumerable<double> rowLosses)
    {
        var losses = new List<ExampleLoss>();
        double[] rows = [.. rowLosses];
        int row = 0;
        for (int document = 0; document < batch.DocumentStarts.Length - 1; document++)
        {
            double sum = 0;
            int targets = 0;
            while (row < rows.Length && batch.WantedRows[row] < batch.DocumentStarts[document + 1])
            {
                sum += rows[row++];
                targets++;
            }

            losses.Add(new ExampleLoss(sum, targets));
        }

        return losses;
    }

    /// <summary>
    /// The change of the mean loss per target from <paramref name="before"/> to <paramref name="after"/> on the same examples, and the
    /// half-width of its 95 % interval: a ratio of sums over examples, its error by linearisation (Cochran 1977, section 6.4).
    /// </summary>
    public static (double Difference, double HalfWidth) Change(IReadOnlyList<ExampleLoss> before, IReadOnlyList<ExampleLoss> after)
    {
        if (before.Count != after.Count)
        {
            throw new ArgumentException("The two validations are of other examples.", nameof(after));
        }

        double targets = before.Sum(example => (double)example.Targets);
        double change = before.Zip(after, (b, a) => a.Loss - b.Loss).Sum() / targets;
        double squares = before.Zip(after, (b, a) => Math.Pow(a.Loss - b.Loss - (change * b.Targets), 2)).Sum();
        int count = before.Count;
        double error = count > 1 ? Math.Sqrt(squares * count / (count - 1)) / targets : double.NaN;
        return (change, 1.959964 * error);
    }
}
