using System.Globalization;
using Lapidary.Workbench.Training;

namespace Lapidary.Cli.Output;

/// <summary>The closing table of a training run.</summary>
internal static class TrainingSummaryTable
{
    /// <summary>Draws what the run has done.</summary>
    public static void Draw(TextReport report, TrainingSummary summary) => report.Pairs(Rows(summary));

    /// <summary>The rows of the table.</summary>
    internal static (string Name, string Value)[] Rows(TrainingSummary summary)
    {
        var pairs = new List<(string Name, string Value)>
        {
            ("steps", Units.Count(summary.Steps)),
            ("tokens", Units.Count(summary.Tokens)),
            ("time", Units.Time(TimeSpan.FromSeconds(summary.Seconds))),
            ("tokens/s", Units.Rate(summary.TokensPerSecond)),
        };
        if (summary.FirstLoss is double first && summary.LastLoss is double last)
        {
            pairs.Add(("loss", $"{Loss(first)} at the first step, {Loss(last)} at the end (smoothed)"));
        }

        if (summary.BestValidationLoss is double best)
        {
            pairs.Add(("validation loss", summary.BestStep is long step ? $"{Loss(best)} at best, at step {Units.Count(step)}" : Loss(best)));
        }

        pairs.Add(("peak memory", Units.Bytes(summary.PeakMemoryBytes)));
        for (int i = 0; i < summary.Files.Count; i++)
        {
            pairs.Add((i == 0 ? "written" : string.Empty, summary.Files[i]));
        }

        return [.. pairs];
    }

    private static string Loss(double loss) => loss.ToString("0.0000", CultureInfo.InvariantCulture);
}
