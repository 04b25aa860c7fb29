using Lapidary.Pebble.Language;
using Lapidary.Pebble.Stories;

namespace Lapidary.Pebble.Tasks;

/// <summary>Questions about a passage that comes with them.</summary>
internal static class Reading
{
    private static readonly string[] Openings =
    [
        "Read the story and answer.", "Here is a story.", "Read this.", "Answer the question about the text.", "Text:",
    ];

    /// <summary>An open question about a story.</summary>
    public static Exercise Open(Dice dice, Story story, Question question, bool heldOut = false)
    {
        (string asked, string answer, _) = StoryTeller.Ask(dice, story, question, heldOut);
        return new Exercise("reading", $"{Opening(dice, heldOut)}\n{story.Text}\n{asked}", Sentence(answer));
    }

    /// <summary>A question about a story with options.</summary>
    public static Exercise Choose(Dice dice, Story story, Question question, bool heldOut = false, int? position = null)
    {
        (string asked, string answer, List<string> wrong) = StoryTeller.Ask(dice, story, question, heldOut);
        return MultipleChoice.Make(dice, "reading-mc", $"{Opening(dice, heldOut)}\n{story.Text}\n{asked}", answer, wrong, Sentence, position);
    }

    /// <summary>A further question with options, where the story stands above it already.</summary>
    public static Exercise ChooseAgain(Dice dice, Story story, Question question)
    {
        (string asked, string answer, List<string> wrong) = StoryTeller.Ask(dice, story, question, heldOut: false);
        return MultipleChoice.Make(dice, "reading-mc", asked, answer, wrong, Sentence);
    }

    /// <summary>An answer of a few words, with a capital and a full stop.</summary>
    public static string Sentence(string answer) => English.Sentences(answer) + ".";

    private static string Opening(Dice dice, bool heldOut) => heldOut ? Openings[0] : dice.Pick(Openings);
}
