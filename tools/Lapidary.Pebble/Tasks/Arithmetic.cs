using Lapidary.Pebble.Language;
using Lapidary.Pebble.Stories;
using Lapidary.Pebble.World;

namespace Lapidary.Pebble.Tasks;

/// <summary>Sums and differences to 100, products to 100, counting.</summary>
internal static class Arithmetic
{
    private static readonly string[] Sums =
    [
        "What is {a} + {b}?", "{a} + {b} = ?", "How much is {a} plus {b}?", "Add {a} and {b}.", "Calculate {a} + {b}.",
        "What is the sum of {a} and {b}?",
    ];

    private static readonly string[] SumStories =
    [
        "{P} has {a} {s:fruit} and gets {b} more. How many {s:fruit} are there now?",
        "There are {a} {s:fruit} in one basket and {b} in another. How many are there in all?",
        "{P} found {a} {s:thing} and {Q} found {b}. How many {s:thing} did they find together?",
        "On {day} {P} sold {a} {s:fruit}, the next day {b}. How many were sold?",
    ];

    private static readonly string[] Differences =
    [
        "What is {a} - {b}?", "{a} - {b} = ?", "How much is {a} minus {b}?", "Take {b} away from {a}.", "Calculate {a} - {b}.",
        "What is {a} less {b}?",
    ];

    private static readonly string[] DifferenceStories =
    [
        "{P} had {a} {s:fruit} and gave away {b}. How many {s:fruit} are left?",
        "There were {a} {s:thing} in a box. {P} took {b} out. How many are still in it?",
        "{P} needs {a} pennies and has {b}. How many pennies are missing?", "Of {a} {s:fruit} {Q} ate {b}. How many remain?",
    ];

    private static readonly string[] Products =
    [
        "What is {a} times {b}?", "What is {a} * {b}?", "{a} * {b} = ?", "How much is {a} times {b}?", "Multiply {a} by {b}.",
        "{P} has {a} bags with {b} {s:fruit} in each. How many {s:fruit} are that?",
    ];

    private static readonly string[] HeldOutProducts =
    [
        "Find the product of {a} and {b}.", "There are {a} shelves with {b} {s:thing} on each. How many {s:thing} are there?",
    ];

    private static readonly string[] Counts =
    [
        "How many words are in this list: {list}?", "Count the things: {list}. How many are there?",
        "How many things are these: {list}?", "Count: {list}.",
    ];

    private static readonly string[] Nexts =
    [
        "What number comes after {a}?", "Which number follows {a}?", "What is one more than {a}?", "Count on by one from {a}.",
    ];

    /// <summary>Whether a pair of numbers is kept for the tests: of one in ten no training text tells the result.</summary>
    public static bool IsHeldOut(char operation, int first, int second)
    {
        (int low, int high) = operation == '-' ? (second, first) : (Math.Min(first, second), Math.Max(first, second));
        return Dice.For((ulong)((low * 1000) + high), operation.ToString()).Next(10) == 0;
    }

    /// <summary>Two numbers for an operation, of the kept pairs or of the others.</summary>
    public static (int First, int Second, int Result) Pair(Dice dice, char operation, bool heldOut)
    {
        while (true)
        {
            int first = dice.Between(1, operation == '-' ? 100 : 98);
            int second = operation == '-' ? dice.Between(1, first) : dice.Between(1, 100 - first);
            if (IsHeldOut(operation, first, second) == heldOut)
            {
                return (first, second, operation == '-' ? first - second : first + second);
            }
        }
    }

    /// <summary>An exercise.</summary>
    public static Exercise Draw(Dice dice, bool heldOut = false)
    {
        int kind = dice.Next(20);
        if (kind < 16)
        {
            char operation = kind < 8 ? '+' : '-';
            (int first, int second, int result) = Pair(dice, operation, heldOut);
            string[] plain = operation == '+' ? Sums : Differences;
            string[] told = operation == '+' ? SumStories : DifferenceStories;
            return new Exercise("arithmetic", Fill(dice, dice.Pick(dice.Chance(70) ? plain : told), first, second), result.ToString());
        }

        if (kind < 18)
        {
            int first = dice.Between(2, 10);
            int second = dice.Between(2, 10);
            return new Exercise("arithmetic", Fill(dice, dice.Pick(heldOut ? HeldOutProducts : Products), first, second), (first * second).ToString());
        }

        return kind == 18 ? Count(dice) : Next(dice);
    }

    private static Exercise Count(Dice dice)
    {
        int count = dice.Between(2, 8);
        string list = string.Join(", ", Enumerable.Range(0, count).Select(_ => dice.Pick(StoryPools.Of("thing"))));
        return new Exercise("arithmetic", Template.Fill(dice.Pick(Counts), new Dictionary<string, string> { ["list"] = list }), count.ToString());
    }

    private static Exercise Next(Dice dice)
    {
        int number = dice.Between(1, 99);
        return new Exercise("arithmetic", Fill(dice, dice.Pick(Nexts), number, 1), (number + 1).ToString());
    }

    private static string Fill(Dice dice, string template, int first, int second)
    {
        List<string> people = dice.PickSome(StoryPools.Of("person"), 2);
        return Template.Fill(template, new Dictionary<string, string>
        {
            ["a"] = first.ToString(),
            ["b"] = second.ToString(),
            ["P"] = people[0],
            ["Q"] = people[1],
            ["fruit"] = dice.Pick(StoryPools.Of("fruit")),
            ["thing"] = dice.Pick(StoryPools.Of("thing")),
            ["day"] = dice.Pick(Vale.Days),
        });
    }
}
