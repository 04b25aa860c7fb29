namespace Lapidary.Pebble.Stories;

/// <summary>Plots in which people visit each other, cook, compete or celebrate.</summary>
internal static class CompanyStories
{
    /// <summary>The plots.</summary>
    public static StorySchema[] All { get; } = [Visit, Cooking, Contest, Party, Letter];

    private static StorySchema Visit => new(
        "visit",
        ["A visit", "{P} visits {Q}", "A {weather} walk"],
        [
            ["{P} went to see {Q} on {day}.", "On {day} {P} paid {Q} a visit.", "{Q} had a guest on {day}: {P}."],
            ["It was a {weather} day.", "The day was {weather}.", "It was {weather} outside."],
            ["{P} brought {prize}.", "{P} had {prize} with {himP}.", "{prize} was the present that {P} brought."],
            [
                "They sat at {place} and drank {drink}.", "At {place} they drank {drink} and talked.",
                "{Q} poured {drink}, and they sat down at {place}.",
            ],
            ["{Q} told {P} about {a:beast} {spot}.", "They saw {a:beast} {spot}.", "{a:beast} sat {spot} and looked at them."],
            ["{P} went home {time}.", "{time} {P} walked home.", "{P} stayed for long and left {time}."],
        ],
        [
            new("person", "{Q}", ["Whom did {P} visit?", "Who had a guest?"], ["To see whom did {P} go?"]),
            new("prize", "{prize}", ["What did {P} bring?", "What was the present?"], ["Which present did {Q} get?"]),
            new("drink", "{drink}", ["What did they drink?"], ["Which drink did {Q} and {P} have?"]),
            new("place", "{place}", ["Where did they sit?", "Where did they drink {drink}?"], ["At which place did {P} and {Q} talk?"]),
            new("weather", "{weather}", ["How was the weather?", "What was the weather like?"], ["What kind of weather did they have?"]),
            new("time", "{time}", ["When did {P} go home?"], ["At what time did the visit end?"]),
            new("day", "{day}", ["When did {P} visit {Q}?", "On which day was the visit?"], ["What day was it when {P} came?"]),
        ]);

    private static StorySchema Cooking => new(
        "cooking",
        ["{P} and {Q} cook", "In the kitchen", "Dinner for {R}"],
        [
            [
                "{P} and {Q} wanted to make {dish}.", "One {weather} day {P} and {Q} decided to make {dish}.",
                "{P} said to {Q}, \"Let us make {dish}.\"",
            ],
            [
                "They had {stuff}, but no {stuff2}.", "There was enough {stuff}, but the {stuff2} was gone.",
                "{P} brought {stuff}, but nobody had {stuff2}.",
            ],
            ["{Q} ran to {place} to get some.", "So {Q} went to {place} and came back with it.", "{Q} found some at {place}."],
            ["Then they cooked for {n} minutes.", "It took {n} minutes.", "{n} minutes later it was ready."],
            [
                "{R} came and ate most of it.", "{R}, who smelled it, came to eat with them.",
                "Their guest was {R}, who ate with joy.",
            ],
            [
                "\"This is the best {dishname} of the year,\" said {R}.", "{R} asked for more.",
                "{R} thanked them and washed the plates.",
            ],
        ],
        [
            new("dish", "{dish}", ["What did {P} and {Q} make?", "What did they cook?"], ["Which dish came out of the kitchen?"]),
            new("stuff", "{stuff2}", ["What was missing?", "What did they not have?"], ["Which thing was not in the kitchen?"]),
            new("place", "{place}", ["Where did {Q} go?", "Where did {Q} get what was missing?"], ["To which place did {Q} run?"]),
            new("person", "{R}", ["Who was the guest?", "Who came to eat?"], ["Which guest ate with them?"]),
            new("number", "{n}", ["How many minutes did it take?", "How many minutes did they cook?"], ["After how many minutes was the meal ready?"]),
            new("person", "{Q}", ["Who got what was missing?"], ["Which of the two cooks went out?"]),
        ]);

    private static StorySchema Contest => new(
        "contest",
        ["The {contest}", "Who wins?", "A great day in {town}"],
        [
            [
                "In {month} there was a {contest} in {town}.", "{town} held a {contest} in {month}.",
                "Everybody talked about the {contest} in {town}.",
            ],
            [
                "{P}, {Q} and {R} took part.", "{P} was there, and so were {Q} and {R}.",
                "{n} people took part, among them {P}, {Q} and {R}.",
            ],
            ["{P} had practised for {m} days.", "For {m} days {P} had practised.", ""],
            ["{P} came first.", "The winner was {P}.", "Nobody was better than {P}."],
            ["{Q} came second and {R} came third.", "{Q} was second, {R} was third.", "Second came {Q}, third came {R}."],
            ["The prize was {prize}.", "{P} got {prize}.", "The winner took home {prize}."],
            [
                "{R} was {feeling}, but only for a short time.", "{R} said, \"Next year I will be better.\"",
                "{Q} and {R} clapped their hands.",
            ],
        ],
        [
            new("person", "{P}", ["Who won the {contest}?", "Who came first?", "Who was the winner?"], ["Which person was the best of all?"]),
            new("person", "{Q}", ["Who came second?", "Who was second?"], ["Which person took the second place?"]),
            new("person", "{R}", ["Who came third?", "Who was third?"], ["Which person took the third place?"]),
            new("prize", "{prize}", ["What was the prize?", "What did the winner get?"], ["What did {P} take home?"]),
            new("town", "{town}", ["Where was the {contest}?", "In which town was the {contest}?"], ["Which town held the {contest}?"]),
            new("contest", "{a:contest}", ["What took place in {town}?"], ["Which contest was held?"]),
        ]);

    private static StorySchema Party => new(
        "party",
        ["The party", "Presents for {P}", "A feast at {place}"],
        [
            [
                "{P} gave a party at {place}.", "There was a party for {P} at {place}.",
                "On {day} {P}'s friends met at {place} for a party.",
            ],
            ["{Q} brought {a:thing}.", "From {Q} {heP} got {a:thing}.", "{Q} gave {himP} {a:thing}."],
            [
                "{R} brought {a:colour} {thing2}.", "From {R} {heP} got {a:colour} {thing2}.",
                "{R} came late and gave {himP} {a:colour} {thing2}.",
            ],
            [
                "They ate {dish} and drank {drink}.", "There was {dish} and a lot of {drink}.",
                "Everybody got some {drink}, and {Q} had made {dish}.",
            ],
            ["{Q} sang {song}, and all danced.", "Later {Q} sang {song}.", "When it was dark, {Q} sang {song}."],
            ["The party ended {time}.", "They all went home {time}.", "{time} the last guest went home."],
        ],
        [
            new("thing", "{a:thing}", ["What did {Q} bring?", "What did {P} get from {Q}?"], ["Which present came from {Q}?"]),
            new("thing", "{a:thing2}", ["What did {R} bring?", "What did {P} get from {R}?"], ["Which present came from {R}?"]),
            new("person", "{Q}", ["Who brought the {thing}?", "Who sang?"], ["From whom was the {thing}?"]),
            new("person", "{R}", ["Who brought the {thing2}?"], ["From whom was the {thing2}?"]),
            new("place", "{place}", ["Where was the party?", "Where did they meet?"], ["At which place did {P}'s friends come together?"]),
            new("drink", "{drink}", ["What did they drink?"], ["Which drink was there at the party?"]),
            new("time", "{time}", ["When did the party end?"], ["At what time did they all go home?"]),
        ]);

    private static StorySchema Letter => new(
        "letter",
        ["A letter for {Q}", "The {colour} letter", "{P} writes"],
        [
            ["{P} wrote a letter to {Q}.", "On {day} {P} wrote to {Q}.", "{P} sat down and wrote a long letter to {Q}."],
            [
                "In it {heP} told about {a:beast} that lived {spot}.", "It was about {a:beast} that lived {spot}.",
                "{heP} wrote, \"I saw {a:beast} {spot}.\"",
            ],
            ["{heP} put {a:thing} into the letter.", "With the letter came {a:thing}.", "{a:thing} was in the letter too."],
            ["The letter was {colour}.", "{P} used {colour} paper.", "The paper was {colour}."],
            ["{R} carried it to {town}.", "{R} took it along to {town}.", "It was {R} who brought it to {town}."],
            [
                "After {n} days {Q} read it and was {feeling}.", "{Q} read it {n} days later and was {feeling}.",
                "It took {n} days, and then {Q} was {feeling}.",
            ],
        ],
        [
            new("person", "{Q}", ["To whom did {P} write?", "Who got the letter?"], ["For whom was the letter?"]),
            new("person", "{R}", ["Who carried the letter?", "Who brought the letter to {town}?"], ["Which person took the letter along?"]),
            new("beast", "{a:beast}", ["What was the letter about?", "Which animal was in the letter?"], ["What had {P} seen?"]),
            new("thing", "{a:thing}", ["What was in the letter?", "What came with the letter?"], ["Which thing did {P} put into the letter?"]),
            new("number", "{n}", ["How many days did the letter take?"], ["After how many days did {Q} read it?"]),
            new("feeling", "{feeling}", ["How did {Q} feel?", "How was {Q} when the letter came?"], ["In what mood was {Q} after reading?"]),
            new("colour", "{colour}", ["What colour was the letter?"], ["Which colour of paper did {P} use?"]),
        ]);
}
