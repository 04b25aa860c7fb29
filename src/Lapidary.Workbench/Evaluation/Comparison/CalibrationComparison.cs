using Lapidary.Workbench.Evaluation.Results;
using Lapidary.Workbench.Evaluation.Statistics;
using Lapidary.Workbench.Reports;

namespace Lapidary.Workbench.Evaluation.Comparison;

/// <summary>How well each of several models knows when it is right, from the likelihoods of choices in their samples.</summary>
public static class CalibrationComparison
{
    /// <summary>The numbers for each model and task with choices, then for all of its tasks together where there are several.</summary>
    /// <param name="models">The models, as they were read.</param>
    /// <param name="tasks">The tasks; all where there are none.</param>
    internal static IReadOnlyList<ModelCalibration> Of(IEnumerable<ScoredModel> models, IReadOnlyList<string> tasks)
    {
        var result = new List<ModelCalibration>();
        foreach (ScoredModel model in models)
        {
            var all = new List<(double, bool)>();
            int count = 0;
            foreach (ScoredTask task in model.Tasks.Where(task => tasks.Count == 0 || tasks.Contains(task.Name)))
            {
                (double, bool)[] answers = [.. task.Items.Take(1).SelectMany(Answers)];
                if (answers.Length > 0)
                {
                    result.Add(new ModelCalibration(model.Name, task.Name, Calibration.Of(answers)));
                    all.AddRange(answers);
                    count++;
                }
            }

            if (count > 1)
            {
                result.Add(new ModelCalibration(model.Name, null, Calibration.Of(all)));
            }
        }

        return result;
    }

    /// <summary>The reliability plot: the share of right answers over confidence, a line for each model over all its tasks.</summary>
    /// <param name="calibrations">The calibrations of a comparison.</param>
    public static LineChart Plot(IReadOnlyList<ModelCalibration> calibrations)
    {
        IEnumerable<ModelCalibration> shown =
            calibrations.GroupBy(calibration => calibration.Model).Select(group => group.FirstOrDefault(one => one.Task is null) ?? group.First());
        return ReliabilityPlot.Of([.. shown.Select(model => (model.Model, model.Calibration))]);
    }

    private static IEnumerable<(double Confidence, bool IsRight)> Answers(ScoredItems items) =>
        items.Values.TryGetValue("acc", out double[]? right)
            ? items.Confidences.Zip(right).Where(item => double.IsFinite(item.First) && item.Second is (0 or 1)).Select(item => (item.First, item.Second == 1))
            : [];
}
