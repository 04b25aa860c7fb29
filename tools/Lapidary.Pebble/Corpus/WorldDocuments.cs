using Lapidary.Pebble.Language;
using Lapidary.Pebble.Stories;
using Lapidary.Pebble.World;

namespace Lapidary.Pebble.Corpus;

/// <summary>Documents that tell the facts of the world.</summary>
internal static class WorldDocuments
{
    private static readonly string[] Openings =
    [
        "This is {S}.", "Let me tell you about {S}.", "Here is what people say about {S}.", "About {S}:", "Do you know {S}?",
        "What do we know about {S}?", "",
    ];

    /// <summary>A portrait of a subject: its facts in an order of chance, each in a wording of chance.</summary>
    public static string Portrait(Dice dice, string subject)
    {
        List<Fact> facts = [.. Facts.About(subject)];
        if (facts[0].Kind == "person")
        {
            facts = dice.PickSome(facts, dice.Between(6, 11));
        }
        else
        {
            // Few facts: each is told two or three times in other words.
            facts = [.. facts, .. facts, .. dice.PickSome(facts, 2)];
            dice.Shuffle(facts);
        }

        string opening = dice.Pick(Openings).Replace("{S}", facts[0].Kind is "ware" or "animal" ? "the " + subject : subject, StringComparison.Ordinal);
        List<string> sentences = opening.Length == 0 ? [] : [opening];
        var told = new HashSet<string>(StringComparer.Ordinal);
        foreach (Fact fact in facts)
        {
            // A pronoun needs a sentence before it that names whom it means.
            bool pronoun = sentences.Count > 0 && dice.Chance(55);
            string template = dice.Pick(fact.Relation.Statements);
            if (told.Add(template))
            {
                sentences.Add(fact.State(template, pronoun));
            }
        }

        return Paragraph(dice, sentences);
    }

    /// <summary>Two or three subjects side by side, by name throughout.</summary>
    public static string Several(Dice dice, IReadOnlyList<string> subjects)
    {
        List<Fact> facts = [.. dice.PickSome(subjects, dice.Between(2, 3)).SelectMany(subject => dice.PickSome(Facts.About(subject), 4))];
        dice.Shuffle(facts);
        return Paragraph(dice, [.. facts.Select(fact => fact.State(dice.Pick(fact.Relation.Statements), pronoun: false))]);
    }

    /// <summary>One relation across many subjects.</summary>
    public static string Register(Dice dice, string relation)
    {
        List<Fact> facts = dice.PickSome(Facts.OfRelation(relation), dice.Between(6, 9));
        return Paragraph(dice, [.. facts.Select(fact => fact.State(dice.Pick(fact.Relation.Statements), pronoun: false))]);
    }

    /// <summary>Who shares a home, a dish, a colour, a hobby, a month.</summary>
    public static string Groups(Dice dice)
    {
        (string relation, string one, string many) = dice.Pick<(string, string, string)>(
        [
            ("home", "{N} lives in {V}.", "{N} live in {V}."),
            ("home", "In {V} lives {N}.", "In {V} live {N}."),
            ("food", "{V} is what {N} likes best.", "{V} is what {N} like best."),
            ("food", "Only {N} likes {V} best.", "{N} like {V} best of all."),
            ("colour", "{V} is the favourite colour of {N}.", "{V} is the favourite colour of {N}."),
            ("hobby", "{N} enjoys {V}.", "{N} enjoy {V}."),
            ("hobby", "For {V} there is {N}.", "For {V} there are {N}."),
            ("birthday", "In {V} {N} has a birthday.", "In {V} {N} have their birthdays."),
            ("pet", "{N} is the only one who has {a:V}.", "{N} each have {a:V}."),
            ("family-name", "To the {V} family belongs {N}.", "To the {V} family belong {N}."),
            ("market-day", "On {V} there is a market in {N}.", "On {V} there are markets in {N}."),
            ("setting", "{N} lies {V}.", "{N} lie {V}."),
            ("material", "Of {V} they make the {N}.", "Of {V} they make the {N}."),
            ("ware-colour", "In the shops the {N} is {V}.", "In the shops these are {V}: {N}."),
        ]);
        List<string> values = dice.PickSome(Facts.OfRelation(relation).Select(fact => fact.Value).Distinct(), dice.Between(5, 7));
        return Paragraph(dice, [.. values.Select(value => Group(dice, relation, value, one, many))]);
    }

    /// <summary>A family: who belongs to whom.</summary>
    public static string Family(Dice dice)
    {
        string name = dice.Pick(Cast.People).FamilyName;
        List<Person> members = [.. Cast.People.Where(person => person.FamilyName == name)];
        List<string> sentences =
        [
            $"The {name} family has {members.Count} members: {English.List([.. dice.PickSome(members, members.Count).Select(person => person.Name)])}.",
        ];
        foreach (Person parent in dice.PickSome(members, 5))
        {
            IReadOnlyList<Person> children = Vale.ChildrenOf(parent);
            if (children.Count > 0)
            {
                string names = English.List([.. children.Select(child => child.Name)]);
                string noun = children.Count == 1 ? "child" : "children";
                sentences.Add(dice.Pick(
                [
                    $"{parent.Name} has {Number(children.Count)} {noun}, {names}.",
                    $"{parent.Name} is the {(parent.Female ? "mother" : "father")} of {names}.",
                    $"The {noun} of {parent.Name} {(children.Count == 1 ? "is" : "are")} {names}.",
                ]));
            }

            List<Fact> ties = [.. Facts.About(parent.Name).Where(fact => fact.Relation.Name is "mother" or "father" or "wife" or "husband" or "brother" or "sister")];
            sentences.AddRange(dice.PickSome(ties, 2).Select(fact => fact.State(dice.Pick(fact.Relation.Statements), pronoun: false)));
        }

        return Paragraph(dice, sentences);
    }

    /// <summary>A talk between two people about others.</summary>
    public static string Talk(Dice dice)
    {
        List<string> two = dice.PickSome(StoryPools.Of("person"), 2);
        string place = dice.Pick(StoryPools.Of("place"));
        List<string> lines = [dice.Pick([$"{two[0]} meets {two[1]} at {place}.", $"{two[0]} and {two[1]} talk at {place}.", $"At {place} {two[0]} sees {two[1]}."])];
        string subject = dice.Pick(StoryPools.Of("person"));
        for (int i = dice.Between(4, 6); i > 0; i--)
        {
            Fact fact = dice.Chance(50) ? dice.Pick(Facts.About(subject)) : dice.Pick(Facts.All);
            lines.Add($"{two[0]}: {fact.Ask(dice.Pick(fact.Relation.Questions))}");
            lines.Add($"{two[1]}: {dice.Pick(["", "", "", "Oh yes! ", "That is easy. ", "I know that. "])}{fact.State(dice.Pick(fact.Relation.Statements), pronoun: false)}");
        }

        return string.Join('\n', lines);
    }

    /// <summary>The roads between the towns.</summary>
    public static string Roads(Dice dice) => Paragraph(dice, [.. dice.PickSome(Vale.Roads, dice.Between(5, 8)).Select(road =>
    {
        (string from, string to) = dice.Chance(50) ? (road.From, road.To) : (road.To, road.From);
        return dice.Pick(
        [
            $"From {from} to {to} it is {road.Miles} miles.", $"The road from {from} to {to} is {road.Miles} miles long.",
            $"{from} and {to} are {road.Miles} miles apart.",
            $"Whoever goes from {from} to {to} walks {road.Miles} miles.",
            $"A neighbour of {from} is {to}, {road.Miles} miles away.", $"{road.Miles} miles lie between {from} and {to}.",
            $"It takes a walk of {road.Miles} miles to get from {from} to {to}.",
        ]);
    })]);

    /// <summary>Days and months in their order.</summary>
    public static string Calendar(Dice dice)
    {
        bool days = dice.Chance(50);
        IReadOnlyList<string> names = days ? Vale.Days : Vale.Months;
        string unit = days ? "day" : "month";
        List<string> sentences = dice.Chance(30) ? [$"The {unit}s are {English.List(names)}."] : [];
        for (int i = dice.Between(6, 9); i > 0; i--)
        {
            int at = dice.Next(names.Count);
            string before = names[at];
            string after = names[(at + 1) % names.Count];
            sentences.Add(dice.Pick(
            [
                $"After {before} comes {after}.", $"The {unit} after {before} is {after}.", $"{before} comes before {after}.",
                $"If it is {before} now, the next {unit} is {after}.",
                $"{after} follows {before}.", $"Between {before} and {names[(at + 2) % names.Count]} there is {after}.",
                $"When {before} is over, {after} begins.",
            ]));
        }

        return Paragraph(dice, sentences);
    }

    private static string Group(Dice dice, string relation, string value, string one, string many)
    {
        List<string> names = [.. Facts.OfRelation(relation).Where(fact => fact.Value == value).Select(fact => fact.Subject)];
        dice.Shuffle(names);
        return Template.Fill(names.Count == 1 ? one : many, new Dictionary<string, string> { ["V"] = value, ["N"] = English.List(names) });
    }

    private static string Paragraph(Dice dice, List<string> sentences) =>
        string.Join(dice.Chance(15) ? "\n" : " ", sentences);

    private static string Number(int count) => count switch { 1 => "one", 2 => "two", 3 => "three", _ => count.ToString() };
}
