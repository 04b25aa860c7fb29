using Lapidary.Numerics;
using Lapidary.Workbench.Compression.Search;
using Shouldly;
using Xunit;

namespace Lapidary.Workbench.Tests.Compression.Search;

/// <summary>The choice under a budget against all choices that there are.</summary>
public sealed class TypeBudgetTests
{
    [Fact]
    public void Three_things_with_three_ways_each_are_chosen_as_by_hand()
    {
        TypeChoice[][] things =
        [
            [new(8, 0), new(4, 3), new(2, 10)],
            [new(8, 0), new(4, 1), new(2, 2)],
            [new(16, 0), new(8, 4), new(4, 20)],
        ];
        TypeBudget.Solve(things, 32).ShouldBe([0, 0, 0]);

        // 18 bytes: the second gives up most for least, then the third.
        TypeBudget.Solve(things, 18).ShouldBe([0, 2, 1]);
        TypeBudget.Solve(things, 8).ShouldBe([2, 2, 2]);
        TypeBudget.Solve(things, 7).ShouldBeNull();
    }

    [Fact]
    public void No_choice_is_cheaper()
    {
        var random = new SplitMix64(4);
        for (int trial = 0; trial < 200; trial++)
        {
            int count = 1 + random.NextInt(4);
            long unit = 1 + random.NextInt(1000);
            var things = new TypeChoice[count][];
            for (int i = 0; i < count; i++)
            {
                things[i] = [.. Enumerable.Range(0, 1 + random.NextInt(4)).Select(_ => new TypeChoice(unit * random.NextInt(60), random.NextInt(1000) / 7.0))];
            }

            long budget = unit * random.NextInt(150);
            int[]? chosen = TypeBudget.Solve(things, budget);
            double least = All(things).Where(choice => Bytes(things, choice) <= budget).Select(choice => Cost(things, choice)).DefaultIfEmpty(-1).Min();
            if (chosen is null)
            {
                least.ShouldBe(-1);
                continue;
            }

            Bytes(things, chosen).ShouldBeLessThanOrEqualTo(budget);
            Cost(things, chosen).ShouldBe(least, 1e-9, $"trial {trial}");
        }
    }

    [Fact]
    public void Sizes_without_a_common_divisor_stay_within_the_budget_and_close_to_the_best()
    {
        var random = new SplitMix64(5);
        var things = new TypeChoice[60][];
        for (int i = 0; i < things.Length; i++)
        {
            long size = 100_000_000 + random.NextInt(1_000_000);
            double weight = 1 + random.NextInt(100);
            things[i] = [new(2 * size, 0), new(size, weight), new((size / 2) + 1, 4 * weight)];
        }

        long budget = things.Sum(ways => ways[1].Bytes);
        int[] chosen = TypeBudget.Solve(things, budget)!;
        Bytes(things, chosen).ShouldBeLessThanOrEqualTo(budget);

        // As good as the relaxation of Lagrange bounds it from below.
        double bound = Enumerable.Range(0, 4000).Select(step => step * 1e-9)
            .Max(price => things.Sum(ways => ways.Min(way => way.Cost + (price * way.Bytes))) - (price * budget));
        Cost(things, chosen).ShouldBeInRange(bound - 1e-6, 1.02 * bound);
    }

    private static long Bytes(TypeChoice[][] things, int[] chosen) => chosen.Select((way, i) => things[i][way].Bytes).Sum();

    private static double Cost(TypeChoice[][] things, int[] chosen) => chosen.Select((way, i) => things[i][way].Cost).Sum();

    private static IEnumerable<int[]> All(TypeChoice[][] things)
    {
        IEnumerable<int[]> choices = [[]];
        foreach (TypeChoice[] ways in things)
        {
            choices = choices.SelectMany(choice => Enumerable.Range(0, ways.Length).Select(way => (int[])[.. choice, way]));
        }

        return choices;
    }
}
