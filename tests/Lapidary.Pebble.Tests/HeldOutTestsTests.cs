using System.Text.Json;
using Lapidary.Pebble.Corpus;
using Lapidary.Pebble.Language;
using Lapidary.Pebble.Tasks;
using Lapidary.Pebble.World;
using Shouldly;
using Xunit;

namespace Lapidary.Pebble.Tests;

/// <summary>The held-out tests are fair.</summary>
public sealed class HeldOutTestsTests(CorpusFixture corpus, ITestOutputHelper output)
{
    [Theory]
    [InlineData("knowledge-mc", 400)]
    [InlineData("reading-mc", 400)]
    [InlineData("reading", 200)]
    [InlineData("extraction", 200)]
    [InlineData("classification", 200)]
    [InlineData("arithmetic", 200)]
    [InlineData("comparison", 200)]
    [InlineData("refusal", 200)]
    [InlineData("not-refusal", 500)]
    [InlineData("adapt-eval", 300)]
    public void EachTestHasEnoughDifferentPrompts(string test, int least)
    {
        List<Exercise> exercises = corpus.Tests[test];
        exercises.Count.ShouldBeGreaterThanOrEqualTo(least);
        exercises.Select(exercise => exercise.Prompt).Distinct().Count().ShouldBe(exercises.Count);
    }

    // Another way to look than the generator's: the normalised texts themselves, one string search through all of the training text.
    [Fact]
    public void NoQuestionPassageOrNoteStandsInTheTrainingText()
    {
        string training = "\n" + string.Join('\n', corpus.Documents.Concat(corpus.Conversations.SelectMany(turns => turns)).Select(text => " " + English.Normalize(text) + " ")) + "\n";
        var seen = new HashSet<string>(Grams(training, 4));
        foreach ((string test, List<Exercise> exercises) in corpus.Tests)
        {
            foreach (string key in exercises.Select(HeldOutTests.KeyOf).Select(English.Normalize))
            {
                // A text whose runs of four words all occur is looked for in full; of the others none can be there.
                if (Grams(key, 4).All(seen.Contains))
                {
                    training.Contains(" " + key + " ", StringComparison.Ordinal).ShouldBeFalse($"{test}: {key}");
                }
            }
        }
    }

    [Theory]
    [InlineData("knowledge-mc")]
    [InlineData("reading-mc")]
    public void TheRightOptionHasNoTell(string test)
    {
        List<Exercise> exercises = corpus.Tests[test];
        List<int> letters = [.. Enumerable.Range(0, 4).Select(letter => exercises.Count(exercise => exercise.Correct == letter))];
        output.WriteLine(string.Join(' ', letters));
        (letters.Max() - letters.Min()).ShouldBeLessThanOrEqualTo(1);

        // Ties count in part; of chance both come to a quarter.
        double longest = exercises.Average(exercise => Share(exercise, length => length));
        double shortest = exercises.Average(exercise => Share(exercise, length => -length));
        output.WriteLine($"right is longest {longest:P1}, shortest {shortest:P1}");
        longest.ShouldBeInRange(0.18, 0.32);
        shortest.ShouldBeInRange(0.18, 0.32);
        exercises.ShouldAllBe(exercise => exercise.Choices.Distinct().Count() == 4 && exercise.Choices[exercise.Correct].Length > 0);
    }

    [Fact]
    public void WrongOptionsAreOfTheKindOfTheRightOne()
    {
        List<HashSet<string>> kinds =
        [
            .. Facts.All.GroupBy(fact => fact.Relation.Name).Select(group => group.Select(fact => fact.Value).ToHashSet()),
            .. Facts.All.GroupBy(fact => fact.Kind).Select(group => group.Select(fact => fact.Subject).ToHashSet()),
            ["2", "3", "4", "5", "6", "8"],
        ];
        corpus.Tests["knowledge-mc"].ShouldAllBe(exercise => kinds.Any(kind => exercise.Choices.All(kind.Contains)));
    }

    [Fact]
    public void OneOptionOfAKnowledgeQuestionIsTrue()
    {
        HashSet<string> truths = [.. Facts.All.Select(fact => fact.Ask(fact.Relation.Answer)), .. Facts.All.Select(fact => fact.Ask(fact.Relation.ReverseAnswer))];
        foreach (Exercise exercise in corpus.Tests["knowledge-mc"])
        {
            exercise.Sentences.Select(truths.Contains).Count(isTrue => isTrue).ShouldBe(1, exercise.Prompt);
            truths.ShouldContain(exercise.Sentences[exercise.Correct]);
        }
    }

    [Fact]
    public void SumsAreRight()
    {
        foreach (Exercise exercise in corpus.Tests["arithmetic"].Where(exercise => exercise.Prompt.Contains(" + ", StringComparison.Ordinal)))
        {
            List<string> words = [.. English.Words(exercise.Prompt)];
            int plus = words.IndexOf("+");
            (int.Parse(words[plus - 1]) + int.Parse(words[plus + 1])).ShouldBe(int.Parse(exercise.Answer));
        }
    }

    [Fact]
    public void ExtractedValuesStandInTheNote()
    {
        foreach (Exercise exercise in corpus.Tests["extraction"])
        {
            using JsonDocument json = JsonDocument.Parse(exercise.Answer);
            json.RootElement.EnumerateObject().Count().ShouldBe(3);
            foreach (JsonProperty property in json.RootElement.EnumerateObject())
            {
                exercise.Prompt.ShouldContain(property.Value.ToString(), Case.Insensitive);
                exercise.Prompt.ShouldContain(property.Name);
            }
        }
    }

    [Fact]
    public void TheTaskForAdaptationIsNotInTheTraining()
    {
        HashSet<string> train = [.. corpus.Rows("adapt-train.jsonl").Select(row => row.GetProperty("messages")[0].GetProperty("content").GetString()!)];
        train.Count.ShouldBe(1000);
        corpus.Tests["adapt-eval"].ShouldAllBe(exercise => !train.Contains(exercise.Prompt));
        foreach (string code in Routing.Codes)
        {
            corpus.Conversations.SelectMany(turns => turns).Concat(corpus.Documents).ShouldAllBe(text => !text.Contains(code, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void TheCheckFindsWhatIsThere()
    {
        var check = new HeldOutCheck(["Who is the baker of Oldford?", "Read my palm.", "One two three four five six"]);
        check.Read("Somebody asked: who is the BAKER of Oldford? Then... read my, palm");
        check.Read("one two three four five");
        check.WasSeen(0).ShouldBeTrue();
        check.WasSeen(1).ShouldBeTrue();
        check.WasSeen(2).ShouldBeFalse();
    }

    private static IEnumerable<string> Grams(string text, int length)
    {
        foreach (string line in text.Split('\n'))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            for (int i = 0; i + length <= words.Length; i++)
            {
                yield return string.Join(' ', words, i, length);
            }
        }
    }

    private static double Share(Exercise exercise, Func<int, int> measure)
    {
        int most = exercise.Choices.Max(choice => measure(choice.Length));
        List<int> best = [.. Enumerable.Range(0, 4).Where(option => measure(exercise.Choices[option].Length) == most)];
        return best.Contains(exercise.Correct) ? 1.0 / best.Count : 0;
    }
}
