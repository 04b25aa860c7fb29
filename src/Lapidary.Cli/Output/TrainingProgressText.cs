using System.Globalization;
using Lapidary.Workbench.Training;

namespace Lapidary.Cli.Output;

/// <summary>A report of training as one line of text.</summary>
internal static class TrainingProgressText
{
    /// <summary>Everything, for a log.</summary>
    public static string Line(TrainingProgress progress) => string.Join("  ", Parts(progress).Select(part => part.Text));

    /// <summary>As much as fits into a width: what matters least is left out first.</summary>
    public static string Fit(TrainingProgress progress, int width)
    {
        var parts = Parts(progress).ToList();
        while (parts.Count > 1 && parts.Sum(part => part.Text.Length + 2) - 2 > width)
        {
            parts.Remove(parts.MaxBy(part => part.Rank));
        }

        string line = string.Join("  ", parts.Select(part => part.Text));
        return line.Length <= width ? line : line[..width];
    }

    // In the order in which they stand; the rank says in which order they go, the highest first. The number of steps stays longest.
    private static IEnumerable<(string Text, int Rank)> Parts(TrainingProgress progress)
    {
        string total = Units.Count(progress.TotalSteps);
        yield return ($"{Units.Count(progress.Step).PadLeft(total.Length)}/{total}", 0);
        yield return ($"epoch {Invariant(progress.Epoch, "0.00")}", 7);
        yield return ($"loss {Invariant(progress.Loss, "0.0000")}", 3);
        yield return ($"mean {Invariant(progress.SmoothedLoss, "0.0000")}", 1);
        if (progress.ValidationLoss is double validation)
        {
            yield return ($"eval {Invariant(validation, "0.0000")}", 4);
        }

        if (progress.Sparsity is double sparsity)
        {
            yield return ($"zeros {Invariant(100 * sparsity, "0.0")} %", 5);
        }

        yield return ($"lr {Invariant(progress.LearningRate, "0.00e+0")}", 8);
        yield return ($"grad {Invariant(progress.GradientNorm, progress.GradientNorm < 1000 ? "0.00" : "0.0e+0")}", 9);
        yield return ($"{Invariant(progress.TokensPerSecond, progress.TokensPerSecond < 100 ? "0.0" : "#,0")} tok/s", 5);
        yield return (Units.Bytes(progress.ResidentBytes), 6);
        if (progress.Remaining is TimeSpan remaining && progress.Step < progress.TotalSteps)
        {
            yield return ($"{Units.Time(remaining)} left", 2);
        }
        else
        {
            yield return ($"{Units.Time(progress.Elapsed)}", 2);
        }
    }

    private static string Invariant(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
