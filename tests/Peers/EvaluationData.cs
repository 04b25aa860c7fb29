using System.Text.Json.Nodes;
using Lapidary.Workbench.Evaluation.Data;
using Lapidary.Workbench.Evaluation.Tasks;
using Xunit;

namespace Lapidary.Peers.Tests;

/// <summary>Real benchmark data, where it is installed, and the plans of tasks on some of its documents.</summary>
internal static class EvaluationData
{
    /// <summary>The tasks that a name stands for, on documents that are spread evenly over their splits.</summary>
    /// <param name="name">A task or a group, of which as many tasks are taken as documents are wanted.</param>
    /// <param name="documents">How many documents.</param>
    /// <param name="fewShot">Examples in each prompt.</param>
    public static IReadOnlyList<(TaskPlan Plan, IReadOnlyList<JsonObject> Raw)> Plan(string name, int documents, int fewShot = 0)
    {
        DatasetLocator locator = PeerEnvironment.EvaluationData;
        IReadOnlyList<JsonObject> Read(EvaluationTask task, string split)
        {
            try
            {
                return locator.Find(task.DatasetPath, task.DatasetName, split).Read();
            }
            catch (DatasetNotFoundException missing)
            {
                Assert.Skip(missing.Message);
                throw;
            }
        }

        IReadOnlyList<EvaluationTask> all = TaskLibrary.Open([]).Select([name]).Tasks;
        EvaluationTask[] tasks = [.. Spread(all.Count, Math.Min(documents, all.Count)).Select(i => all[i])];
        List<(TaskPlan, IReadOnlyList<JsonObject>)> plans = [];
        foreach (EvaluationTask task in tasks)
        {
            IReadOnlyList<JsonObject> raw = Read(task, task.EvaluationSplit);
            int[] samples = [.. Spread(raw.Count, Math.Min(raw.Count, (documents + tasks.Length - 1) / tasks.Length))];
            plans.Add((task.Plan(new TaskOptions { Samples = samples, FewShotCount = fewShot }, split => Read(task, split)), raw));
        }

        return plans;
    }

    private static IEnumerable<int> Spread(int all, int wanted) => Enumerable.Range(0, wanted).Select(i => (int)((long)i * all / wanted));
}
