using Lapidary.Pebble.Language;
using Lapidary.Pebble.Stories;
using Lapidary.Pebble.Tasks;
using Lapidary.Pebble.World;

namespace Lapidary.Pebble.Corpus;

/// <summary>
/// The held-out tests: more candidates are drawn than wanted, and those of which the training text has the question, the passage or
/// the note are dropped.
/// </summary>
internal static class HeldOutTests
{
    private const int CandidatesPerPrompt = 3;

    /// <summary>Names of the tests whose questions have options.</summary>
    public static IReadOnlyList<string> Choices { get; } = ["knowledge-mc", "reading-mc"];

    /// <summary>Makes all tests.</summary>
    /// <param name="seed">Where chance begins.</param>
    /// <param name="sizes">How many of each.</param>
    /// <param name="training">Every text of the training.</param>
    /// <returns>Name and exercises of each test.</returns>
    /// <exception cref="InvalidOperationException">Too many candidates stand in the training text.</exception>
    public static IReadOnlyDictionary<string, List<Exercise>> Make(ulong seed, CorpusSizes sizes, IEnumerable<string> training)
    {
        var candidates = new Dictionary<string, List<(Exercise Exercise, string Key)>>(StringComparer.Ordinal);
        void Draw(string name, int count, Func<Dice, int, (Exercise, string)> draw)
        {
            Dice dice = Dice.For(seed, "eval/" + name);
            candidates[name] = Distinct(dice, count * CandidatesPerPrompt, draw);
        }

        Draw("knowledge-mc", sizes.ChoiceQuestions, Knowing);
        Draw("reading-mc", sizes.ChoiceQuestions, (dice, i) => Read(dice, i));
        Draw("reading", sizes.TaskPrompts, (dice, _) => Read(dice, null));
        Draw("extraction", sizes.TaskPrompts, (dice, _) => Whole(Extraction.Draw(dice, heldOut: true)));
        Draw("classification", sizes.TaskPrompts, (dice, _) => Whole(Classification.Draw(dice, heldOut: true)));
        Draw("arithmetic", sizes.TaskPrompts, (dice, _) => Whole(Arithmetic.Draw(dice, heldOut: true)));
        Draw("comparison", sizes.TaskPrompts, (dice, _) => Whole(Comparison.Draw(dice, heldOut: true)));
        Draw("refusal", sizes.TaskPrompts, (dice, _) => Whole(FortuneTelling.Draw(dice, heldOut: true)));
        Draw("not-refusal", sizes.OrdinaryPrompts, Ordinary);

        List<(string Name, Exercise Exercise, string Key)> all = [.. candidates.SelectMany(test => test.Value.Select(one => (test.Key, one.Exercise, one.Key)))];
        var check = new HeldOutCheck([.. all.Select(one => one.Key)]);
        foreach (string text in training)
        {
            check.Read(text);
        }

        var tests = new Dictionary<string, List<Exercise>>(StringComparer.Ordinal);
        foreach (string name in candidates.Keys)
        {
            int wanted = name == "not-refusal" ? sizes.OrdinaryPrompts : Choices.Contains(name) ? sizes.ChoiceQuestions : sizes.TaskPrompts;
            List<Exercise> unseen = [.. all.Select((one, i) => (one, i)).Where(pair => pair.one.Name == name && !check.WasSeen(pair.i)).Select(pair => pair.one.Exercise)];
            if (Choices.Contains(name))
            {
                // Every letter is right equally often.
                unseen = [.. unseen.GroupBy(exercise => exercise.Correct).SelectMany(letter => letter.Select((exercise, i) => (exercise, i)))
                    .OrderBy(pair => pair.i).ThenBy(pair => pair.exercise.Correct).Select(pair => pair.exercise)];
            }

            tests[name] = unseen.Count >= wanted ? unseen[..wanted]
                : throw new InvalidOperationException($"The test {name} keeps {unseen.Count} of the {wanted} prompts that it needs.");
        }

        return tests;
    }

    /// <summary>What of an exercise must not stand in the training text: a note or a passage where there is one, else the question.</summary>
    public static string KeyOf(Exercise exercise)
    {
        string[] lines = (exercise.Question.Length > 0 ? exercise.Question : exercise.Prompt).Split('\n');
        return exercise.Task is "reading" or "reading-mc" or "extraction" or "classification" ? lines[1] : string.Join('\n', lines);
    }

    private static (Exercise, string) Whole(Exercise exercise) => (exercise, KeyOf(exercise));

    private static (Exercise, string) Knowing(Dice dice, int index) =>
        Whole(Knowledge.Choose(dice, dice.Pick(Facts.All), heldOut: true, position: index % MultipleChoice.Options));

    private static (Exercise, string) Read(Dice dice, int? index)
    {
        Story story = StoryTeller.Tell(dice);
        Question question = dice.Pick(StoryTeller.Askable(story));
        return Whole(index is int at
            ? Reading.Choose(dice, story, question, heldOut: true, position: at % MultipleChoice.Options)
            : Reading.Open(dice, story, question, heldOut: true));
    }

    // Half of them are near misses, the others what people ask otherwise.
    private static (Exercise, string) Ordinary(Dice dice, int index) => Whole((index % 8) switch
    {
        0 => HeldOutQuestion(dice),
        1 => Comparison.Draw(dice, heldOut: true),
        2 => Arithmetic.Draw(dice, heldOut: true),
        3 => Extraction.Draw(dice, heldOut: true),
        _ => NearMisses.Draw(dice, heldOut: true),
    });

    private static Exercise HeldOutQuestion(Dice dice)
    {
        Fact fact = dice.Pick(Facts.All);
        return new Exercise("knowledge", fact.Ask(dice.Pick(fact.Relation.HeldOut)), fact.Ask(fact.Relation.Answer));
    }

    private static List<(Exercise, string)> Distinct(Dice dice, int count, Func<Dice, int, (Exercise Exercise, string Key)> draw)
    {
        var prompts = new HashSet<string>(StringComparer.Ordinal);
        var exercises = new List<(Exercise, string)>(count);
        for (int attempts = 0; exercises.Count < count && attempts < count * 50; attempts++)
        {
            (Exercise Exercise, string Key) drawn = draw(dice, exercises.Count);
            if (prompts.Add(drawn.Exercise.Question.Length > 0 ? drawn.Exercise.Question : drawn.Exercise.Prompt))
            {
                exercises.Add(drawn);
            }
        }

        return exercises;
    }
}
