namespace Lapidary.Workbench.Evaluation.Statistics;

/// <summary>
/// How well the confidence of a model tells whether it is right. Confidence is the probability of the chosen answer among the choices,
/// their likelihoods divided by their sum.
/// </summary>
/// <param name="Count">The number of answers.</param>
/// <param name="Accuracy">The share that is right.</param>
/// <param name="Confidence">The mean confidence; above the accuracy, the model trusts itself too much.</param>
/// <param name="ExpectedError">The expected calibration error: the mean distance of accuracy and confidence in a bin, weighted by counts.</param>
/// <param name="Bins">The bins, of equal width from 0 to 1.</param>
public sealed record Calibration(long Count, double Accuracy, double Confidence, double ExpectedError, IReadOnlyList<CalibrationBin> Bins)
{
    /// <summary>The number of bins (Guo, Pleiss, Sun and Weinberger 2017 use 15, most plots 10).</summary>
    internal const int BinCount = 10;

    /// <summary>Puts answers into bins.</summary>
    /// <param name="answers">The confidence of each answer, from 0 to 1, and whether it is right.</param>
    internal static Calibration Of(IEnumerable<(double Confidence, bool IsRight)> answers)
    {
        var counts = new long[BinCount];
        var confidences = new double[BinCount];
        var rights = new long[BinCount];
        foreach ((double confidence, bool isRight) in answers)
        {
            // The upper end belongs to the bin, as in the definition (m - 1, m] / M.
            int bin = Math.Clamp((int)Math.Ceiling(confidence * BinCount) - 1, 0, BinCount - 1);
            counts[bin]++;
            confidences[bin] += confidence;
            rights[bin] += isRight ? 1 : 0;
        }

        long total = counts.Sum();
        double error = Enumerable.Range(0, BinCount).Sum(bin => Math.Abs(rights[bin] - confidences[bin])) / total;
        return new Calibration(total, (double)rights.Sum() / total, confidences.Sum() / total, error, [.. Enumerable.Range(0, BinCount).Select(bin => new CalibrationBin(
            (double)bin / BinCount,
            (bin + 1.0) / BinCount,
            counts[bin],
            confidences[bin] / counts[bin],
            (double)rights[bin] / counts[bin]))]);
    }

    /// <summary>The calibration of the answers of several tasks together.</summary>
    /// <param name="parts">The calibrations of the tasks.</param>
    internal static Calibration Together(IReadOnlyList<Calibration> parts)
    {
        CalibrationBin[] bins = [.. Enumerable.Range(0, BinCount).Select(i =>
        {
            CalibrationBin[] same = [.. parts.Select(part => part.Bins[i]).Where(bin => bin.Count > 0)];
            long count = same.Sum(bin => bin.Count);
            return new CalibrationBin(
                (double)i / BinCount,
                (i + 1.0) / BinCount,
                count,
                same.Sum(bin => bin.Count * bin.Confidence) / count,
                same.Sum(bin => bin.Count * bin.Accuracy) / count);
        })];
        double total = parts.Sum(part => part.Count);
        return new Calibration(
            (long)total,
            parts.Sum(part => part.Count * part.Accuracy) / total,
            parts.Sum(part => part.Count * part.Confidence) / total,
            bins.Where(bin => bin.Count > 0).Sum(bin => bin.Count / total * Math.Abs(bin.Accuracy - bin.Confidence)),
            bins);
    }
}
