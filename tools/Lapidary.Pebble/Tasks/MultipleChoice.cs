using Lapidary.Pebble.Language;

namespace Lapidary.Pebble.Tasks;

/// <summary>Puts a question and its options into the form with letters.</summary>
internal static class MultipleChoice
{
    /// <summary>How many options there are.</summary>
    public const int Options = 4;

    private static readonly string[] Requests =
    [
        "Answer with the letter.", "Which letter is right?", "Choose A, B, C or D.", "Give the letter of the right answer.",
        "Answer with one letter.",
    ];

    /// <summary>The request of the held-out tests; it is one of those in the training text.</summary>
    public static string Request => Requests[0];

    /// <summary>The letter of an option.</summary>
    public static string Letter(int option) => ((char)('A' + option)).ToString();

    /// <summary>Makes the exercise.</summary>
    /// <param name="dice">Chance.</param>
    /// <param name="task">Its kind.</param>
    /// <param name="question">The question, with the passage where there is one.</param>
    /// <param name="right">The right option.</param>
    /// <param name="wrong">Three wrong ones.</param>
    /// <param name="sentence">Makes the answer of an option.</param>
    /// <param name="position">Where the right one stands; null for chance.</param>
    public static Exercise Make(Dice dice, string task, string question, string right, IReadOnlyList<string> wrong, Func<string, string> sentence, int? position = null)
    {
        int correct = position ?? dice.Next(Options);
        List<string> choices = [.. wrong];
        choices.Insert(correct, right);
        string request = position is null ? dice.Pick(Requests) : Request;
        return new Exercise(task, $"{question}\n{Lines(choices)}\n{request}", Letter(correct))
        {
            Question = question,
            Choices = choices,
            Sentences = [.. choices.Select(sentence)],
            Correct = correct,
        };
    }

    /// <summary>The options, a line for each.</summary>
    public static string Lines(IReadOnlyList<string> choices) => string.Join('\n', choices.Select((choice, i) => $"{Letter(i)}) {choice}"));

    /// <summary>An exercise in finding an option, without anything to know.</summary>
    public static Exercise Lookup(Dice dice)
    {
        string pool = dice.Pick(["thing", "colour", "place", "beast", "person", "day", "fruit", "town", "crop", "drink"]);
        List<string> choices = dice.PickSome(Stories.StoryPools.Of(pool), Options);
        int correct = dice.Next(Options);
        string lines = Lines(choices);
        return dice.Next(3) switch
        {
            0 => new Exercise("lookup", $"{lines}\nWhich letter stands before {choices[correct]}?", Letter(correct)),
            1 => new Exercise("lookup", $"{lines}\nWhat stands behind the letter {Letter(correct)}?", choices[correct]),
            _ => new Exercise("lookup", $"Where is {choices[correct]}?\n{lines}\n{dice.Pick(Requests)}", Letter(correct)),
        };
    }
}
