using System.Text.Json.Nodes;
using Lapidary.Pebble.Language;
using Lapidary.Pebble.Stories;

namespace Lapidary.Pebble.Tasks;

/// <summary>A short note from which the facts are to be taken as JSON with fixed keys.</summary>
internal static class Extraction
{
    private static readonly Form[] Forms =
    [
        new(
            ["name", "item", "day"],
            [
                "{name} wants {a:item} on {day}.", "Please keep {a:item} for {name} until {day}.",
                "On {day} {name} will come for the {item}.", "{name} ordered {a:item} for {day}.",
                "{day}: {a:item} for {name}.", "Do not forget that {name} needs {a:item} by {day}.",
                "The {item} must be ready on {day}, says {name}.",
                "{name} asked me for {a:item} and will fetch it on {day}.", "I promised {name} {a:item} for {day}.",
                "Bring {a:item} to {name} on {day}.",
                "{name} called. It is about {a:item}. {day} is fine.", "Until {day} {name} has to get {a:item}.",
            ],
            [
                "{day} is when {name} gets {a:item}.", "Set {a:item} aside, {name} comes on {day}.",
                "For {name}, by {day}: {a:item}.",
            ]),
        new(
            ["name", "place", "time"],
            [
                "{name} will be at {place} {time}.", "Meet {name} at {place} {time}.", "{time} {name} is waiting at {place}.",
                "I saw {name} at {place} {time}.",
                "{name} goes to {place} {time}.", "You will find {name} at {place} {time}.",
                "{name} told me to come to {place} {time}.", "At {place}, {time}: {name}.",
                "{name} has work to do at {place} {time}.", "{time} there is a talk by {name} at {place}.",
                "Let us visit {name} {time} at {place}.", "{name} opens the door of {place} {time}.",
            ],
            ["{time} you can talk to {name} at {place}.", "At {place} you meet {name} {time}.", "{name} leaves {place} {time}."]),
        new(
            ["item", "price", "town"],
            [
                "In {town} {a:item} was sold for {price} pennies.", "{a:item} costs {price} pennies in {town}.",
                "I paid {price} pennies for {a:item} in {town}.",
                "For {price} pennies you get {a:item} in {town}.", "{town} has {a:item} for {price} pennies.",
                "Somebody from {town} wants {price} pennies for {a:item}.",
                "The shop in {town} sells {a:item}, price {price} pennies.", "{price} pennies for {a:item}, and that in {town}!",
                "They asked {price} pennies when I looked at {a:item} in {town}.",
                "Go to {town} and buy {a:item} for {price} pennies.", "At {town} market: {a:item}, {price} pennies.",
                "{a:item} from {town}, {price} pennies.",
            ],
            [
                "In {town} I saw {a:item} with a label of {price} pennies.", "Sold: {a:item}, {price} pennies, {town}.",
                "{price} pennies bought me {a:item} in {town}.",
            ]),
    ];

    private static readonly string[] Requests =
    [
        "Extract the {keys} as JSON.", "Write the {keys} of this note as JSON.", "Take the {keys} from the note. Answer in JSON.",
        "Give me the {keys} as JSON.", "Turn the note into JSON with the keys {keys}.",
    ];

    /// <summary>An exercise.</summary>
    /// <param name="dice">Chance.</param>
    /// <param name="heldOut">Whether one in three notes is worded as none of the training text is.</param>
    public static Exercise Draw(Dice dice, bool heldOut = false)
    {
        Form form = dice.Pick(Forms);
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string key in form.Keys)
        {
            values[key] = key switch
            {
                "name" => dice.Pick(StoryPools.Of("person")),
                "item" => dice.Pick(StoryPools.Of("thing")),
                "price" => dice.Between(2, 99).ToString(),
                _ => dice.Pick(StoryPools.Of(key)),
            };
        }

        string note = Template.Fill(dice.Pick(heldOut && dice.Chance(33) ? form.HeldOut : form.Notes), values);
        string request = Template.Fill(dice.Pick(Requests), new Dictionary<string, string> { ["keys"] = English.List(form.Keys) });
        return new Exercise("extraction", $"{request}\nNote: {note}", Json(form.Keys, values));
    }

    // One line with a space behind colon and comma, as people write it; the values hold nothing that JSON would escape.
    private static string Json(string[] keys, Dictionary<string, string> values) =>
        "{" + string.Join(", ", keys.Select(key => $"\"{key}\": {(key == "price" ? values[key] : JsonValue.Create(values[key]).ToJsonString())}")) + "}";

    private sealed record Form(string[] Keys, string[] Notes, string[] HeldOut);
}
