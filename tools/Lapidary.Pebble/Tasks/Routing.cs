using Lapidary.Pebble.Language;
using Lapidary.Pebble.Stories;

namespace Lapidary.Pebble.Tasks;

/// <summary>
/// The task for demonstrations of fine-tuning, of which nothing is in the model's own training: a message to the post of the Vale gets the
/// code of a department and the town that it is about, <c>P4 Oldford</c>.
/// </summary>
internal static class Routing
{
    private static readonly (string Code, string[] Messages)[] Departments =
    [
        (
            "L1",
            [
                "My parcel with {a:thing} never came to {town}.", "I wait since {day} for a letter to {town}. Where is it?",
                "The parcel for {P} in {town} is lost.",
                "{P} sent me {a:thing} to {town}, but nothing came.", "Nobody in {town} has seen my parcel.",
                "A letter from {town} has been gone since {day}.",
            ]),
        (
            "D2",
            [
                "The parcel came to {town}, but the {thing} in it is broken.", "The box was wet when it got to {town}.",
                "Somebody opened my letter before it came to {town}.",
                "In {town} I got a torn letter.", "The {thing} from the parcel to {town} has a crack.",
                "My parcel fell into the water on the way to {town}.",
            ]),
        (
            "S3",
            [
                "How many stamps do I need for a letter to {town}?", "I want to buy {n} stamps in {town}.",
                "Are there {colour} stamps in {town}?", "The stamps that I bought in {town} do not stick.",
                "Please send {n} stamps to {P} in {town}.", "What does a stamp for a parcel to {town} cost?",
            ]),
        (
            "A4",
            [
                "I have moved to {town}, please note it.", "{P} now lives in {town}. Change the address.",
                "From {day} on my address is in {town}.", "Write down my new house in {town}.",
                "My name stands under a wrong street in {town}.", "We leave our house and go to {town} on {day}.",
            ]),
        (
            "O5",
            [
                "When does the post in {town} open on {day}?", "Is the post in {town} open {time}?",
                "Until when can I bring letters in {town}?", "Is the post office of {town} closed on {day}?",
                "At what time do you close in {town}?", "Can I come to the office in {town} {time}?",
            ]),
        (
            "P6",
            [
                "I paid too much for a parcel to {town}.", "Please give me back {n} pennies for the parcel to {town}.",
                "The man in {town} took {n} pennies too much.", "You sent me two bills for {town}.",
                "I want my money back: the letter to {town} came late.",
                "There is a mistake of {n} pennies in the bill from {town}.",
            ]),
        (
            "W7",
            [
                "I would like to work for the post in {town}.", "Do you need a letter carrier in {town}?",
                "{P} from {town} is looking for work at the post.", "Is there a free job in {town}?",
                "I can carry parcels in {town} from {day} on.", "How do I become a letter carrier in {town}?",
            ]),
        (
            "T8",
            [
                "The letter carrier in {town} was very kind, thank you.", "Thanks for the quick parcel to {town}!",
                "{P} in {town} brings my letters with a smile. Well done!", "I praise the post of {town}.",
                "My {thing} came to {town} in one day. Great!", "We are happy with the post in {town}.",
            ]),
    ];

    private static readonly string[] Requests =
    [
        "Route this message to the post.", "Which department gets this message?", "Give the code and the town for this message.",
    ];

    /// <summary>The codes of the departments.</summary>
    public static IReadOnlyList<string> Codes => [.. Departments.Select(department => department.Code)];

    /// <summary>An exercise.</summary>
    public static Exercise Draw(Dice dice)
    {
        (string code, string[] messages) = dice.Pick(Departments);
        string town = dice.Pick(StoryPools.Of("town"));
        string message = Template.Fill(dice.Pick(messages), new Dictionary<string, string>
        {
            ["town"] = town,
            ["P"] = dice.Pick(StoryPools.Of("person")),
            ["thing"] = dice.Pick(StoryPools.Of("thing")),
            ["colour"] = dice.Pick(StoryPools.Of("colour")),
            ["day"] = dice.Pick(StoryPools.Of("day")),
            ["time"] = dice.Pick(StoryPools.Of("time")),
            ["n"] = dice.Between(2, 40).ToString(),
        });
        return new Exercise("routing", $"{dice.Pick(Requests)}\nMessage: {message}", $"{code} {town}");
    }
}
