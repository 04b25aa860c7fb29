using Lapidary.Numerics;

namespace Lapidary.Workbench.Evaluation.Tasks.Prompts;

/// <summary>Which documents of a split are evaluated.</summary>
internal static class DocumentSelection
{
    /// <summary>The indices of the documents, in the order of evaluation.</summary>
    /// <param name="total">The number of documents of the split.</param>
    /// <param name="options">The limit.</param>
    /// <param name="task">The task, for errors.</param>
    /// <exception cref="ArgumentException">The limit or an index makes no sense.</exception>
    public static IReadOnlyList<int> Select(int total, TaskOptions options, string task)
    {
        if (options.Samples is { } samples)
        {
            if (options.Limit is not null)
            {
                throw new ArgumentException("A limit and a choice of documents exclude each other.");
            }

            var seen = new HashSet<int>();
            foreach (int index in samples)
            {
                if (index < 0 || index >= total)
                {
                    throw new ArgumentException($"The task {task} has the documents 0 to {total - 1}, but {index} was asked for.");
                }

                if (!seen.Add(index))
                {
                    throw new ArgumentException($"Document {index} of the task {task} was asked for twice, and would count twice.");
                }
            }

            return samples.Count > 0 ? samples : throw new ArgumentException($"No document of the task {task} was asked for.");
        }

        if (options.Limit is not { } limit)
        {
            return [.. Enumerable.Range(0, total)];
        }

        if (!(limit > 0) || double.IsInfinity(limit))
        {
            throw new ArgumentException($"A limit is a share below 1 or a number from 1, but {limit} was given.");
        }

        int count = (int)Math.Min(total, limit < 1 ? Math.Ceiling(total * limit) : Math.Floor(limit));
        return options.LimitMode == LimitMode.First || count == total
            ? [.. Enumerable.Range(0, count)]
            : Draw(total, count, options.LimitSeed);
    }

    // The first steps of a Fisher-Yates shuffle; then back to the order of the data set.
    private static int[] Draw(int total, int count, ulong seed)
    {
        int[] order = [.. Enumerable.Range(0, total)];
        var random = new SplitMix64(seed);
        for (int i = 0; i < count; i++)
        {
            int j = i + random.NextInt(total - i);
            (order[i], order[j]) = (order[j], order[i]);
        }

        int[] drawn = order[..count];
        Array.Sort(drawn);
        return drawn;
    }
}
