using Lapidary.Pebble.Language;
using Lapidary.Pebble.Stories;

namespace Lapidary.Pebble.Tasks;

/// <summary>A message to a shop that gets one of five labels.</summary>
internal static class Classification
{
    private static readonly (string Label, string[] Messages, string[] HeldOut)[] Kinds =
    [
        (
            "order",
            [
                "I would like to buy {a:thing}.", "Please send me {n} {s:fruit}.",
                "Can I have {a:colour} {thing}? I will pay on {day}.", "I want to order {n} {s:thing}.",
                "Put {a:thing} aside for me, I will buy it.", "We need {n} {s:fruit} for {day}.",
                "I take the {colour} {thing}. Please pack it.", "Send {a:thing} to {town}, please.",
                "My order: {n} {s:thing}.", "I have decided to buy the {thing}.", "Please bring {n} {s:fruit} on {day}.",
                "One {colour} {thing} for me, please.",
            ],
            ["For {day} I order {a:thing}.", "Let me have {n} {s:fruit}, please.", "I wish to buy {n} {s:thing}."]),
        (
            "complaint",
            [
                "The {thing} is broken.", "My {thing} came without a box and has a crack.", "The {s:fruit} were rotten.",
                "I am angry: the {thing} does not work.", "You sent me {a:colour} {thing}, but I wanted another colour.",
                "This {thing} fell to pieces on the first day.", "The {s:fruit} tasted bad.", "I am not happy with the {thing}.",
                "The {thing} is much too small and ugly.",
                "Why did you send a broken {thing}?", "Half of the {s:fruit} were bad.", "Your {thing} is a bad piece of work.",
            ],
            [
                "After {n} days the {thing} was broken.", "I am angry about the bad {s:fruit}.",
                "The {colour} {thing} has a crack and is ugly.",
            ]),
        (
            "question",
            [
                "How much is the {colour} {thing}?", "Do you have {s:fruit} too?", "When does your shop open on {day}?",
                "Is the {thing} made of wood?", "Where is your shop in {town}?",
                "Which colours are there for the {thing}?", "Are you open on {day}?", "How heavy is {a:thing}?",
                "What do {n} {s:fruit} cost?", "Do you sell {s:thing} in {town}?",
                "How do I clean {a:thing}?", "Who makes your {s:thing}?",
            ],
            [
                "What does the {colour} {thing} cost?", "Is there a shop in {town} that sells {s:fruit}?",
                "How long does {a:thing} last?",
            ]),
        (
            "thanks",
            [
                "Thank you for the {thing}.", "The {s:fruit} were wonderful, thanks!", "I love my new {thing}.",
                "Many thanks from {town}, all is well.", "What a fine {thing}! You made me happy.",
                "We enjoyed the {s:fruit} very much.", "You were so kind on {day}, thank you.",
                "The {colour} {thing} is lovely. Well done!", "Thanks to you I had a great day.",
                "My family loves the {s:fruit}. Thank you!", "Your {thing} is the best that I have ever had.",
                "I thank you with all my heart.",
            ],
            [
                "Thanks for the lovely {s:fruit}!", "I am so happy with the {colour} {thing}.",
                "Thank you, the {thing} is wonderful.",
            ]),
        (
            "cancellation",
            [
                "Please cancel my order for {a:thing}.", "I do not want the {thing} any more.",
                "Do not send the {n} {s:fruit}, I have changed my mind.", "Stop the order of {day}.",
                "I must cancel the {colour} {thing}.", "Please forget my order.", "I no longer need the {s:fruit}.",
                "We cannot take the {thing}, cancel it.", "Take me off your list, I do not need {a:thing} now.",
                "The {n} {s:fruit} are not needed any more.", "I ordered {a:thing} on {day}. Please cancel that.",
                "No {thing} for me after all.",
            ],
            [
                "Please cancel the {n} {s:fruit}.", "I no longer want the {colour} {thing}.",
                "Forget the order for {day}, I have changed my mind.",
            ]),
    ];

    private static readonly string[] Requests =
    [
        "Is this message an order, a complaint, a question, thanks or a cancellation?",
        "Label the message: order, complaint, question, thanks or cancellation.",
        "What kind of message is it? Choose order, complaint, question, thanks or cancellation.",
        "Classify as order, complaint, question, thanks or cancellation.",
    ];

    /// <summary>The labels.</summary>
    public static IReadOnlyList<string> Labels => [.. Kinds.Select(kind => kind.Label)];

    /// <summary>An exercise.</summary>
    public static Exercise Draw(Dice dice, bool heldOut = false)
    {
        (string label, string[] messages, string[] held) = dice.Pick(Kinds);
        string message = Fill(dice, dice.Pick(heldOut && dice.Chance(33) ? held : messages));
        return new Exercise("classification", $"{dice.Pick(Requests)}\nMessage: {message}", label);
    }

    private static string Fill(Dice dice, string template) => Template.Fill(template, new Dictionary<string, string>
    {
        ["thing"] = dice.Pick(StoryPools.Of("thing")),
        ["fruit"] = dice.Pick(StoryPools.Of("fruit")),
        ["colour"] = dice.Pick(StoryPools.Of("colour")),
        ["day"] = dice.Pick(StoryPools.Of("day")),
        ["town"] = dice.Pick(StoryPools.Of("town")),
        ["n"] = dice.Between(3, 20).ToString(),
    });
}
