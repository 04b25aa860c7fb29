using Lapidary.Pebble.Language;
using Lapidary.Pebble.Stories;
using Lapidary.Pebble.World;

namespace Lapidary.Pebble.Tasks;

/// <summary>Which of two is older, heavier, cheaper, farther away, larger.</summary>
internal static class Comparison
{
    private static readonly string[] Ages =
    [
        "Who is {more}, {A} or {B}?", "Which of the two is {more}: {A} or {B}?", "{A} or {B}: who is {more}?",
    ];

    private static readonly string[] Things =
    [
        "What is {more}, {A} or {B}?", "Which is {more}: {A} or {B}?", "{A} or {B}: which is {more}?",
    ];

    private static readonly string[] Distances =
    [
        "Which town is {more} {S}, {A} or {B}?", "From {S}, where is the way {longer}: to {A} or to {B}?",
    ];

    private static readonly string[] Numbers =
    [
        "Which number is {more}, {A} or {B}?", "What is {more}: {A} or {B}?", "{A} or {B}: which number is {more}?",
    ];

    private static readonly string[] Told =
    [
        "{A} has {a} {s:thing}. {B} has {b} {s:thing}. Who has {more}?",
        "{A} found {a} {s:thing} and {B} found {b}. Who found {more}?",
        "In one week {A} sold {a} {s:thing} and {B} sold {b}. Who sold {more}?",
        "{A} counted {a} birds, {B} counted {b} birds. Who counted {more}?",
    ];

    /// <summary>Whether a pair is kept for the tests: of one in six no training text tells which is more, whatever is compared.</summary>
    public static bool IsHeldOut(string first, string second) =>
        Dice.For(7, string.CompareOrdinal(first, second) < 0 ? first + second : second + first).Next(6) == 0;

    /// <summary>An exercise.</summary>
    public static Exercise Draw(Dice dice, bool heldOut = false)
    {
        while (true)
        {
            Exercise? drawn = dice.Next(10) switch
            {
                < 3 => Age(dice, heldOut),
                < 5 => Measure(dice, heldOut),
                5 => Distance(dice, heldOut),
                < 8 => Number(dice, heldOut),
                _ => InText(dice, heldOut),
            };
            if (drawn is not null)
            {
                return drawn;
            }
        }
    }

    private static Exercise? Age(Dice dice, bool heldOut)
    {
        List<Person> two = dice.PickSome(Cast.People, 2);
        bool older = dice.Chance(50);
        return IsHeldOut(two[0].Name, two[1].Name) != heldOut ? null
            : Make(dice.Pick(Ages), two[0].Name, two[1].Name, older ? "older" : "younger", (two[0].Age > two[1].Age) == older);
    }

    private static Exercise? Measure(Dice dice, bool heldOut)
    {
        List<Ware> two = dice.PickSome(Vale.Wares, 2);
        bool weight = dice.Chance(50);
        bool more = dice.Chance(50);
        (int first, int second) = weight ? (two[0].Pounds, two[1].Pounds) : (two[0].Pennies, two[1].Pennies);
        string word = weight ? more ? "heavier" : "lighter" : more ? "dearer" : "cheaper";
        return first == second || IsHeldOut(two[0].Name, two[1].Name) != heldOut ? null
            : Make(dice.Pick(Things), "the " + two[0].Name, "the " + two[1].Name, word, (first > second) == more);
    }

    private static Exercise? Distance(Dice dice, bool heldOut)
    {
        string from = dice.Pick(Vale.Towns).Name;
        List<(string Town, int Miles)> ends =
        [
            .. Vale.Roads.Where(road => road.From == from || road.To == from).Select(road => (road.From == from ? road.To : road.From, road.Miles)),
        ];
        if (ends.Count < 2)
        {
            return null;
        }

        dice.Shuffle(ends);
        bool farther = dice.Chance(50);
        string template = dice.Pick(Distances).Replace("{S}", from, StringComparison.Ordinal).Replace("{longer}", farther ? "longer" : "shorter", StringComparison.Ordinal);
        return IsHeldOut(from + ends[0].Town, from + ends[1].Town) != heldOut ? null
            : Make(template, ends[0].Town, ends[1].Town, farther ? "farther from" : "nearer to", (ends[0].Miles > ends[1].Miles) == farther);
    }

    private static Exercise? Number(Dice dice, bool heldOut)
    {
        int first = dice.Between(1, 100);
        int second = dice.Between(1, 100);
        bool larger = dice.Chance(50);
        return first == second || IsHeldOut(first.ToString(), second.ToString()) != heldOut ? null
            : Make(dice.Pick(Numbers), first.ToString(), second.ToString(), larger ? dice.Pick(["larger", "greater", "bigger"]) : "smaller", (first > second) == larger);
    }

    private static Exercise? InText(Dice dice, bool heldOut)
    {
        List<string> two = dice.PickSome(StoryPools.Of("person"), 2);
        int first = dice.Between(2, 60);
        int second = dice.Between(2, 60);
        bool more = dice.Chance(50);
        string template = dice.Pick(Told).Replace("{a}", first.ToString(), StringComparison.Ordinal).Replace("{b}", second.ToString(), StringComparison.Ordinal)
            .Replace("{s:thing}", English.Plural(dice.Pick(StoryPools.Of("thing"))), StringComparison.Ordinal);
        return first == second || IsHeldOut(first.ToString(), second.ToString()) != heldOut ? null
            : Make(template, two[0], two[1], more ? "more" : "fewer", (first > second) == more);
    }

    private static Exercise Make(string template, string first, string second, string more, bool isFirst)
    {
        var slots = new Dictionary<string, string> { ["A"] = first, ["B"] = second, ["more"] = more };
        return new Exercise("comparison", Template.Fill(template, slots), Reading.Sentence(isFirst ? first : second));
    }
}
