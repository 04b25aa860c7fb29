using Lapidary.Pebble.Language;
using Lapidary.Pebble.Stories;

namespace Lapidary.Pebble.Tasks;

/// <summary>A sentence to be put into another form.</summary>
internal static class Rewriting
{
    private static readonly (string Present, string Past, string Question)[] Sentences =
    [
        ("{P} bakes bread for {Q}.", "{P} baked bread for {Q}.", "Does {P} bake bread for {Q}?"),
        ("{P} walks to {town}.", "{P} walked to {town}.", "Does {P} walk to {town}?"),
        ("{P} looks for {a:thing}.", "{P} looked for {a:thing}.", "Does {P} look for {a:thing}?"),
        ("{P} cleans the {colour} {thing}.", "{P} cleaned the {colour} {thing}.", "Does {P} clean the {colour} {thing}?"),
        ("{P} sells {s:fruit} in {town}.", "{P} sold {s:fruit} in {town}.", "Does {P} sell {s:fruit} in {town}?"),
        ("{P} gives {Q} {a:thing}.", "{P} gave {Q} {a:thing}.", "Does {P} give {Q} {a:thing}?"),
        ("{P} finds {a:thing} at {place}.", "{P} found {a:thing} at {place}.", "Does {P} find {a:thing} at {place}?"),
        ("{P} helps {Q} on {day}.", "{P} helped {Q} on {day}.", "Does {P} help {Q} on {day}?"),
        ("{P} waits for {Q} at {place}.", "{P} waited for {Q} at {place}.", "Does {P} wait for {Q} at {place}?"),
        ("{P} buys {a:colour} {thing}.", "{P} bought {a:colour} {thing}.", "Does {P} buy {a:colour} {thing}?"),
        ("{P} sees {a:beast} near {place}.", "{P} saw {a:beast} near {place}.", "Does {P} see {a:beast} near {place}?"),
        ("{P} sings for {Q}.", "{P} sang for {Q}.", "Does {P} sing for {Q}?"),
    ];

    private static readonly string[] ToPast =
    [
        "Put this into the past: ", "Rewrite in the past tense: ", "Say it as if it happened yesterday: ",
    ];

    private static readonly string[] ToQuestion =
    [
        "Make a question of this: ", "Turn this into a question: ", "Ask whether it is true: ",
    ];

    /// <summary>An exercise.</summary>
    public static Exercise Draw(Dice dice)
    {
        (string present, string past, string question) = dice.Pick(Sentences);
        List<string> two = dice.PickSome(StoryPools.Of("person"), 2);
        var slots = new Dictionary<string, string>(StringComparer.Ordinal) { ["P"] = two[0], ["Q"] = two[1] };
        foreach (string pool in new[] { "town", "thing", "colour", "fruit", "place", "day", "beast" })
        {
            slots[pool] = dice.Pick(StoryPools.Of(pool));
        }

        bool isPast = dice.Chance(50);
        return new Exercise("rewriting", dice.Pick(isPast ? ToPast : ToQuestion) + Template.Fill(present, slots), Template.Fill(isPast ? past : question, slots));
    }
}
