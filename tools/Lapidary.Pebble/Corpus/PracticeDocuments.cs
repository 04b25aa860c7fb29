using Lapidary.Pebble.Language;
using Lapidary.Pebble.Stories;
using Lapidary.Pebble.Tasks;
using Lapidary.Pebble.World;

namespace Lapidary.Pebble.Corpus;

/// <summary>Documents that show how things are done: stories with questions, sums, comparisons, quizzes.</summary>
internal static class PracticeDocuments
{
    /// <summary>A question and its answer in a plain text; a base model is asked in this form.</summary>
    public static string Plain(Exercise exercise) => $"Question: {exercise.Prompt}\nAnswer: {exercise.Answer}";

    /// <summary>A story, in two of three cases with questions behind it.</summary>
    public static string Tale(Dice dice)
    {
        Story story = StoryTeller.Tell(dice);
        string text = dice.Chance(50) ? $"{story.Title}\n{story.Text}" : story.Text;
        if (dice.Chance(30))
        {
            return text;
        }

        List<Question> questions = dice.PickSome(StoryTeller.Askable(story), dice.Between(2, 4));
        return text + "\n" + string.Join('\n', questions.Select(question =>
        {
            (string asked, string answer, _) = StoryTeller.Ask(dice, story, question, heldOut: false);
            return $"Question: {asked}\nAnswer: {Reading.Sentence(answer)}";
        }));
    }

    /// <summary>A story with two questions that have options.</summary>
    public static string TaleWithOptions(Dice dice)
    {
        Story story = StoryTeller.Tell(dice);
        List<Question> questions = dice.PickSome(StoryTeller.Askable(story), 2);
        return WithReason(dice, Reading.Choose(dice, story, questions[0])) + "\n" + WithReason(dice, Reading.ChooseAgain(dice, story, questions[1]));
    }

    /// <summary>Open questions about the world, one after the other.</summary>
    public static string Quiz(Dice dice)
    {
        List<Fact> facts = dice.Chance(40) ? dice.PickSome(Facts.About(dice.Pick(Cast.People).Name), 6) : dice.PickSome(Facts.All, dice.Between(5, 8));
        return string.Join('\n', facts.Select(fact => Plain(Knowledge.Open(dice, fact))));
    }

    /// <summary>Questions about the world with options.</summary>
    public static string QuizWithOptions(Dice dice) =>
        string.Join('\n', Enumerable.Range(0, 3).Select(_ => WithReason(dice, Knowledge.Choose(dice, dice.Pick(Facts.All)))));

    /// <summary>Sums and differences, line by line.</summary>
    public static string Sums(Dice dice)
    {
        var lines = new List<string>();
        for (int i = dice.Between(10, 14); i > 0; i--)
        {
            char operation = dice.Chance(50) ? '+' : '-';
            (int first, int second, int result) = Arithmetic.Pair(dice, operation, heldOut: false);
            string word = operation == '+' ? "plus" : "minus";
            lines.Add(dice.Pick([$"{first} {operation} {second} = {result}", $"{first} {operation} {second} = {result}", $"{first} {word} {second} is {result}."]));
        }

        return string.Join('\n', lines);
    }

    /// <summary>A row of the tables of multiplication, or counting on.</summary>
    public static string Tables(Dice dice)
    {
        int step = dice.Between(2, 10);
        return dice.Next(3) switch
        {
            0 => string.Join('\n', Enumerable.Range(2, 9).Select(i => $"{i} * {step} = {i * step}")),
            1 => string.Join('\n', dice.PickSome(Enumerable.Range(2, 9), 9).Select(i => $"{step} times {i} is {i * step}.")),
            _ => CountOn(dice),
        };
    }

    /// <summary>Comparisons with their reason.</summary>
    public static string Comparisons(Dice dice)
    {
        var sentences = new List<string>();
        while (sentences.Count < 6)
        {
            string? sentence = dice.Chance(50) ? Ages(dice) : Wares(dice);
            if (sentence is not null)
            {
                sentences.Add(sentence);
            }
        }

        return string.Join(' ', sentences);
    }

    /// <summary>Exercises of all kinds in the plain form.</summary>
    public static string Tasks(Dice dice)
    {
        int kind = dice.Next(6);
        int count = kind is 2 or 3 ? 3 : dice.Between(5, 7);
        return string.Join('\n', Enumerable.Range(0, count).Select(_ => Plain(kind switch
        {
            0 => Arithmetic.Draw(dice),
            1 => Comparison.Draw(dice),
            2 => Extraction.Draw(dice),
            3 => Classification.Draw(dice),
            4 => MultipleChoice.Lookup(dice),
            _ => dice.Chance(50) ? NearMisses.Draw(dice) : Rewriting.Draw(dice),
        })));
    }

    /// <summary>The pieces of a sum in words, so that the carry is seen.</summary>
    public static string LongSum(Dice dice)
    {
        var lines = new List<string>();
        for (int i = 0; i < 5; i++)
        {
            (int first, int second, int result) = Arithmetic.Pair(dice, '+', heldOut: false);
            lines.Add($"{first} + {second}: tens {first / 10 * 10} + {second / 10 * 10} = {(first / 10 * 10) + (second / 10 * 10)}, ones {first % 10} + {second % 10} = {(first % 10) + (second % 10)}, together {result}.");
        }

        return string.Join('\n', lines);
    }

    private static string WithReason(Dice dice, Exercise exercise) => $"Question: {exercise.Prompt}\nAnswer: " + dice.Next(4) switch
    {
        0 => $"{exercise.Answer}\nThe answer behind {exercise.Answer} is {exercise.Choices[exercise.Correct]}.",
        1 => $"{exercise.Answer}) {exercise.Choices[exercise.Correct]}",
        _ => exercise.Answer,
    };

    private static string CountOn(Dice dice)
    {
        int from = dice.Between(0, 70);
        return "Count: " + string.Join(", ", Enumerable.Range(from, dice.Between(15, 25)).Select(i => i.ToString())) + ".";
    }

    private static string? Ages(Dice dice)
    {
        List<Person> two = dice.PickSome(Cast.People, 2);
        if (Comparison.IsHeldOut(two[0].Name, two[1].Name))
        {
            return null;
        }

        (Person old, Person young) = two[0].Age > two[1].Age ? (two[0], two[1]) : (two[1], two[0]);
        return dice.Pick(
        [
            $"{old.Name} is {old.Age} and {young.Name} is {young.Age}, so {old.Name} is older than {young.Name}.",
            $"{young.Name} is younger than {old.Name}.", $"{old.Name} is older than {young.Name}.",
            $"{young.Name} with {young.Age} years is younger than {old.Name} with {old.Age} years.",
            $"When {young.Name} was born, {old.Name} was {old.Age - young.Age} years old.",
            $"Of {two[0].Name} and {two[1].Name}, {old.Name} is the older one.",
            $"Of {two[0].Name} and {two[1].Name}, {young.Name} is the younger one.",
        ]);
    }

    private static string? Wares(Dice dice)
    {
        List<Ware> two = dice.PickSome(Vale.Wares, 2);
        bool weight = dice.Chance(50);
        if (Comparison.IsHeldOut(two[0].Name, two[1].Name) || (weight && two[0].Pounds == two[1].Pounds))
        {
            return null;
        }

        bool first = weight ? two[0].Pounds > two[1].Pounds : two[0].Pennies > two[1].Pennies;
        (Ware more, Ware less) = first ? (two[0], two[1]) : (two[1], two[0]);
        string big = weight ? "heavier" : "dearer";
        string small = weight ? "lighter" : "cheaper";
        return dice.Pick(
        [
            $"The {more.Name} is {big} than the {less.Name}.", $"The {less.Name} is {small} than the {more.Name}.",
            $"Of the {two[0].Name} and the {two[1].Name}, the {more.Name} is {big}.",
            weight
                ? $"The {more.Name} weighs {English.Count(more.Pounds, "pound")} and the {less.Name} {English.Count(less.Pounds, "pound")}, so the {more.Name} is heavier."
                : $"The {more.Name} costs {English.Count(more.Pennies, "penny")} and the {less.Name} {English.Count(less.Pennies, "penny")}, so the {less.Name} is cheaper.",
        ]);
    }
}
