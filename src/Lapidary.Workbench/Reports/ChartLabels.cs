namespace Lapidary.Workbench.Reports;

/// <summary>Heights for labels that stand below each other without overlap, each as near as may be to where it would like to be.</summary>
internal static class ChartLabels
{
    /// <summary>Moves labels apart.</summary>
    /// <param name="wanted">The heights that the labels would have alone, downward in pixels.</param>
    /// <param name="distance">The least distance between two of them.</param>
    /// <param name="top">The least height.</param>
    /// <param name="bottom">The greatest height; exceeded only where there is no room for all.</param>
    /// <returns>The heights in the order of <paramref name="wanted"/>.</returns>
    public static double[] Spread(IReadOnlyList<double> wanted, double distance, double top, double bottom)
    {
        int[] order = [.. Enumerable.Range(0, wanted.Count).OrderBy(i => wanted[i])];
        var heights = new double[wanted.Count];

        // From the top down no nearer than allowed, then what has run over the bottom is pushed back up.
        double least = top;
        foreach (int i in order)
        {
            heights[i] = Math.Max(least, wanted[i]);
            least = heights[i] + distance;
        }

        double most = bottom;
        foreach (int i in order.Reverse())
        {
            heights[i] = Math.Min(most, heights[i]);
            most = heights[i] - distance;
        }

        // Too many for the room: they run over the bottom evenly spaced rather than over each other.
        if (order.Length > 0 && heights[order[0]] < top)
        {
            for (int i = 0; i < order.Length; i++)
            {
                heights[order[i]] = top + (i * distance);
            }
        }

        return heights;
    }
}
