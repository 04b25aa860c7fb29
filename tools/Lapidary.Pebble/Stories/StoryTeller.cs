using System.Text.RegularExpressions;
using Lapidary.Pebble.Language;
using Lapidary.Pebble.Tasks;
using Lapidary.Pebble.World;

namespace Lapidary.Pebble.Stories;

/// <summary>Tells stories: chooses a plot, fills its slots, chooses the wordings.</summary>
internal static partial class StoryTeller
{
    /// <summary>Tells a story.</summary>
    /// <param name="dice">Chance.</param>
    /// <param name="about">Whom it is about; null for anybody.</param>
    public static Story Tell(Dice dice, string? about = null)
    {
        StorySchema schema = dice.Pick(StorySchemas.All);
        string[] chosen = [.. schema.Sentences.Select(dice.Pick).Where(sentence => sentence.Length > 0)];
        Dictionary<string, string> slots = Fill(dice, schema, about);
        return new Story(schema, Template.Fill(dice.Pick(schema.Titles), slots), [.. chosen.Select(sentence => Template.Fill(sentence, slots))], slots);
    }

    /// <summary>What the story tells enough about to be asked.</summary>
    public static List<Question> Askable(Story story) =>
        [.. story.Schema.Questions.Where(question => story.Text.Contains(Bare(question.Answer, story.Slots), StringComparison.OrdinalIgnoreCase)
            || story.Text.Contains(story.Slots[SlotPattern().Match(question.Answer).Groups[1].Value], StringComparison.OrdinalIgnoreCase))];

    /// <summary>A question about a story, its answer, and wrong answers of the same kind, those that the story mentions first.</summary>
    public static (string Asked, string Answer, List<string> Wrong) Ask(Dice dice, Story story, Question question, bool heldOut)
    {
        string[] wordings = heldOut ? [.. question.Asked, .. question.HeldOut, .. question.HeldOut] : question.Asked;
        string asked = Template.Fill(dice.Pick(wordings), story.Slots);
        string answer = Bare(question.Answer, story.Slots);
        List<string> near = question.Pool == "number" ? NearNumbers(dice, int.Parse(answer), story) : Mentioned(question, story, answer);
        dice.Shuffle(near);
        List<string> far = [.. StoryPools.Of(question.Pool).Select(word => Dressed(question.Answer, word)).Where(word => word != answer && !near.Contains(word))];
        dice.Shuffle(far);
        return (asked, answer, [.. near.Concat(far).Take(3)]);
    }

    private static Dictionary<string, string> Fill(Dice dice, StorySchema schema, string? about)
    {
        var slots = new Dictionary<string, string>(StringComparer.Ordinal);
        var used = new HashSet<string>(StringComparer.Ordinal);
        string all = string.Join(' ', schema.Titles.Concat(schema.Sentences.SelectMany(wordings => wordings)));
        foreach (string slot in SlotPattern().Matches(all).Select(match => match.Groups[1].Value).Distinct().Order(StringComparer.Ordinal))
        {
            if (StoryPools.PoolOf(slot) is string pool)
            {
                slots[slot] = slot == "P" && about is not null ? about : Draw(dice, pool, about, used);
                used.Add(slots[slot]);
            }
        }

        foreach (string role in new[] { "P", "Q", "R" }.Where(slots.ContainsKey))
        {
            bool female = Vale.Find(slots[role]).Female;
            slots["he" + role] = female ? "she" : "he";
            slots["his" + role] = female ? "her" : "his";
            slots["him" + role] = female ? "her" : "him";
        }

        if (slots.TryGetValue("dish", out string? dish))
        {
            slots["dishname"] = dish["a ".Length..];
        }

        AddNumbers(dice, slots);
        return slots;
    }

    private static string Draw(Dice dice, string pool, string? about, HashSet<string> used)
    {
        while (true)
        {
            string word = dice.Pick(StoryPools.Of(pool));
            if (word != about && !used.Contains(word))
            {
                return word;
            }
        }
    }

    // n, k and what is left of n without k; pairs of the held-out arithmetic are not told.
    private static void AddNumbers(Dice dice, Dictionary<string, string> slots)
    {
        int n, k;
        do
        {
            n = dice.Between(5, 20);
            k = dice.Between(2, n - 2);
        }
        while (Arithmetic.IsHeldOut('-', n, k) || Arithmetic.IsHeldOut('+', n - k, k) || k == n - k);
        slots["n"] = n.ToString();
        slots["k"] = k.ToString();
        slots["left"] = (n - k).ToString();
        slots["m"] = dice.Between(21, 30).ToString();
    }

    private static List<string> NearNumbers(Dice dice, int answer, Story story)
    {
        HashSet<string> near = [.. new[] { "n", "k", "left", "m" }.Where(slot => story.Text.Contains(story.Slots[slot], StringComparison.Ordinal)).Select(slot => story.Slots[slot])];
        while (near.Count < 4)
        {
            int other = answer + dice.Between(-4, 4);
            if (other > 0 && other != answer)
            {
                near.Add(other.ToString());
            }
        }

        near.Remove(answer.ToString());
        return [.. near];
    }

    private static List<string> Mentioned(Question question, Story story, string answer) =>
    [
        .. story.Slots.Where(slot => StoryPools.PoolOf(slot.Key) == question.Pool && story.Text.Contains(slot.Value, StringComparison.Ordinal))
            .OrderBy(slot => slot.Key, StringComparer.Ordinal)
            .Select(slot => Dressed(question.Answer, slot.Value)).Where(word => word != answer).Distinct(),
    ];

    // The answer is one slot, perhaps with words around it: the wrong options get the same words around theirs.
    private static string Dressed(string answer, string word) =>
        SlotPattern().Replace(answer, match => match.Value[1..3] switch { "a:" => English.WithArticle(word), "s:" => English.Plural(word), _ => word });

    private static string Bare(string template, IReadOnlyDictionary<string, string> slots) =>
        Dressed(template, slots[SlotPattern().Match(template).Groups[1].Value]);

    [GeneratedRegex(@"\{(?:[a-z]:)?([A-Za-z0-9]+)\}")]
    private static partial Regex SlotPattern();
}
