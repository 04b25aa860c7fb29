namespace Lapidary.Workbench.Compression.Search;

/// <summary>
/// The cheapest choice of one way for each of several things under a budget of bytes: the knapsack problem with multiple choice, solved by
/// dynamic programming over the bytes beyond the least possible.
/// </summary>
internal static class TypeBudget
{
    // Bytes are counted in units so large that the budget has at most as many. Sizes of tensors have large common divisors, and where the unit
    // divides all of them the answer is exact.
    private const long MostCells = 1 << 16;

    /// <summary>Solves it.</summary>
    /// <param name="things">The ways of each thing, at least one.</param>
    /// <param name="budget">Bytes that all of them may take together.</param>
    /// <returns>The index of a way for each thing; null where even the smallest ones do not fit.</returns>
    public static int[]? Solve(IReadOnlyList<IReadOnlyList<TypeChoice>> things, long budget)
    {
        long[] least = [.. things.Select(ways => ways.Min(way => way.Bytes))];
        long slack = Math.Min(budget - least.Sum(), things.Sum(ways => ways.Max(way => way.Bytes)) - least.Sum());
        if (budget < least.Sum())
        {
            return null;
        }

        long divisor = 0;
        for (int i = 0; i < things.Count; i++)
        {
            divisor = things[i].Aggregate(divisor, (common, way) => GreatestDivisor(common, way.Bytes - least[i]));
        }

        // A multiple of the divisor counts the sizes with the least rounding.
        divisor = Math.Max(1, divisor);
        long unit = divisor * Math.Max(1, ((slack / divisor) + MostCells - 1) / MostCells);
        int[] chosen = Fill(things, least, unit, checked((int)(slack / unit) + 1));
        Improve(things, chosen, budget);
        return chosen;
    }

    private static int[] Fill(IReadOnlyList<IReadOnlyList<TypeChoice>> things, long[] least, long unit, int cells)
    {
        // best[c]: the least cost of the things so far in c units; how[i][c]: the way of thing i that leads there.
        var best = new double[cells];
        var next = new double[cells];
        var how = new byte[things.Count][];
        for (int i = 0; i < things.Count; i++)
        {
            how[i] = new byte[cells];
            Array.Fill(next, double.PositiveInfinity);
            for (int way = 0; way < things[i].Count; way++)
            {
                long taken = (things[i][way].Bytes - least[i] + unit - 1) / unit;
                double cost = things[i][way].Cost;
                for (long cell = taken; cell < cells; cell++)
                {
                    double total = best[cell - taken] + cost;
                    if (total < next[cell])
                    {
                        next[cell] = total;
                        how[i][cell] = (byte)way;
                    }
                }
            }

            (best, next) = (next, best);
        }

        var chosen = new int[things.Count];
        long left = cells - 1;
        for (int i = things.Count - 1; i >= 0; i--)
        {
            chosen[i] = how[i][left];
            left -= (things[i][chosen[i]].Bytes - least[i] + unit - 1) / unit;
        }

        return chosen;
    }

    // What rounding to units has left over goes to the change that helps most, as long as there is one.
    private static void Improve(IReadOnlyList<IReadOnlyList<TypeChoice>> things, int[] chosen, long budget)
    {
        long left = budget - things.Select((ways, i) => ways[chosen[i]].Bytes).Sum();
        while (true)
        {
            (int thing, int way, double gain) = (-1, 0, 0.0);
            for (int i = 0; i < things.Count; i++)
            {
                TypeChoice now = things[i][chosen[i]];
                for (int other = 0; other < things[i].Count; other++)
                {
                    double better = now.Cost - things[i][other].Cost;
                    if (things[i][other].Bytes - now.Bytes <= left && better > gain)
                    {
                        (thing, way, gain) = (i, other, better);
                    }
                }
            }

            if (thing < 0)
            {
                return;
            }

            left -= things[thing][way].Bytes - things[thing][chosen[thing]].Bytes;
            chosen[thing] = way;
        }
    }

    private static long GreatestDivisor(long a, long b) => b == 0 ? a : GreatestDivisor(b, a % b);
}
