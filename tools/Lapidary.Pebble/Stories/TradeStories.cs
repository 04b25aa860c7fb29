namespace Lapidary.Pebble.Stories;

/// <summary>Plots in which people buy, lend, mend or grow something.</summary>
internal static class TradeStories
{
    /// <summary>The plots.</summary>
    public static StorySchema[] All { get; } = [Market, Borrowed, Broken, Garden, Tailor];

    private static StorySchema Market => new(
        "market",
        ["At the market", "{P} buys {s:fruit}", "A walk to {town}"],
        [
            [
                "On {day} {P} went to the shops in {town}.", "{P} walked to {town} on {day}.",
                "It was {day}, and {P} was in {town}.",
            ],
            [
                "{heP} bought {n} {s:fruit} for {m} pennies.", "There {heP} bought {n} {s:fruit} and paid {m} pennies.",
                "{P} paid {m} pennies for {n} {s:fruit}.",
            ],
            [
                "{heP} also saw {a:colour} {thing}, but it was too dear.",
                "{a:thing} in {colour} was there too, but {heP} did not buy it.", "",
            ],
            ["On the way home {heP} met {Q}.", "At {place} {heP} met {Q}.", "{Q} was waiting at {place}."],
            [
                "{P} gave {Q} {k} of the {s:fruit}.", "{Q} was hungry and got {k} {s:fruit}.",
                "{k} of the {s:fruit} {heP} gave to {Q}.",
            ],
            ["So {P} came home with {left} {s:fruit}.", "{left} {s:fruit} were left.", "In the end {P} had {left} {s:fruit}."],
        ],
        [
            new("fruit", "{s:fruit}", ["What did {P} buy?", "What was bought?"], ["Which goods did {P} pay for?"]),
            new("number", "{n}", ["How many {s:fruit} did {P} buy?"], ["What number of {s:fruit} was bought?"]),
            new("number", "{left}", ["How many {s:fruit} were left?", "How many {s:fruit} did {P} have in the end?"], ["With how many {s:fruit} did {P} come home?"]),
            new("number", "{m}", ["How many pennies did {P} pay?", "How much did {P} pay?"], ["How many pennies did the {s:fruit} cost?"]),
            new("person", "{Q}", ["Whom did {P} meet?", "Who got some {s:fruit}?"], ["Who received {k} {s:fruit}?"]),
            new("town", "{town}", ["Where did {P} go?", "In which town was {P}?"], ["To which town did {P} go shopping?"]),
            new("day", "{day}", ["When did {P} go to {town}?", "On which day was {P} in {town}?"], ["What day was it when {P} went shopping?"]),
        ]);

    private static StorySchema Borrowed => new(
        "borrowed",
        ["The borrowed {thing}", "Who has the {thing}?", "From hand to hand"],
        [
            [
                "{P} had {a:colour} {thing}.", "{P} owned {a:thing}, and it was {colour}.",
                "Everybody liked {P}'s {colour} {thing}.",
            ],
            ["On {day} {heP} lent it to {Q}.", "{Q} borrowed it on {day}.", "On {day} {Q} asked for it and got it."],
            ["{Q} needed it at {place}.", "{heQ} took it to {place}.", ""],
            ["Then {Q} lent it to {R}.", "After that {Q} gave it to {R}.", "From {Q} it went to {R}."],
            [
                "On {day2} {R} brought it back to {P}.", "{R} gave it back to {P} on {day2}.",
                "{P} got it back from {R} on {day2}.",
            ],
            ["It was a little dirty, but {P} was {feeling}.", "{P} was {feeling}.", "\"What a journey!\" said {P}."],
        ],
        [
            new("thing", "{a:thing}", ["What did {P} lend to {Q}?", "What did {Q} borrow?"], ["Which thing went from hand to hand?"]),
            new("person", "{Q}", ["Who borrowed the {thing} first?", "To whom did {P} lend the {thing}?"], ["Who was the first to get the {thing} from {P}?"]),
            new("person", "{R}", ["Who brought the {thing} back?", "To whom did {Q} give the {thing}?"], ["From whom did {P} get the {thing} back?"]),
            new("person", "{P}", ["Who has the {thing} now?", "To whom does the {thing} belong?"], ["Who is the owner of the {thing}?"]),
            new("day", "{day2}", ["When did the {thing} come back?", "On which day did {P} get it back?"], ["What day was it when {R} brought the {thing}?"]),
            new("day", "{day}", ["When did {Q} borrow the {thing}?"], ["On what day was the {thing} lent to {Q}?"]),
        ]);

    private static StorySchema Broken => new(
        "broken",
        ["The broken {broken}", "{Q} mends it", "Something broke"],
        [
            [
                "{P}'s {broken} broke on {day}.", "On {day} the {broken} of {P} fell to pieces.",
                "It was {day} when {P} broke {hisP} {broken}.",
            ],
            ["{heP} was {feeling}.", "That made {himP} {feeling}.", "{P} looked at it and was {feeling}."],
            ["{heP} took it to {Q}, who knew what to do.", "{heP} asked {Q} to mend it.", "{Q} said, \"I can mend it.\""],
            [
                "{Q} took {tool} and worked for {n} hours.", "With {tool} {Q} mended it in {n} hours.",
                "It took {Q} {n} hours and {tool}.",
            ],
            ["{P} paid {m} pennies.", "The work cost {m} pennies.", "For the work {P} gave {himQ} {m} pennies."],
            ["Now the {broken} is as good as new.", "The {broken} is better than before.", "Since then nothing has broken."],
        ],
        [
            new("broken", "{a:broken}", ["What broke?", "What did {Q} mend?"], ["Which thing had to be mended?"]),
            new("person", "{Q}", ["Who mended the {broken}?", "Whom did {P} ask for help?"], ["Which person made the {broken} whole again?"]),
            new("tool", "{tool}", ["What did {Q} use?", "With what was the {broken} mended?"], ["What did {Q} need for the work?"]),
            new("number", "{n}", ["How many hours did the work take?", "How many hours did {Q} work?"], ["For how many hours was {Q} busy?"]),
            new("number", "{m}", ["How many pennies did {P} pay?", "How much did the work cost?"], ["What was the price of the work in pennies?"]),
            new("day", "{day}", ["When did the {broken} break?", "On which day did it happen?"], ["What day was it when the {broken} broke?"]),
        ]);

    private static StorySchema Garden => new(
        "garden",
        ["{P}'s garden", "{n} rows of {crop}", "A thief in the garden"],
        [
            [
                "In {month} {P} planted {n} rows of {crop}.", "{P} planted {n} rows of {crop} in {month}.",
                "It was {month}, and {P} put {n} rows of {crop} into the ground.",
            ],
            ["{Q} brought water every day.", "Every day {Q} gave them water.", "{Q} helped and watered them."],
            [
                "One night {thief} came and ate {k} rows.", "But {thief} ate {k} rows in one night.",
                "{thief} found the garden and ate {k} rows.",
            ],
            ["{left} rows were left.", "So only {left} rows were left.", "Then there were {left} rows."],
            ["{P} sold them in {town}.", "In {town} {heP} sold what was left.", "The people of {town} bought them all."],
            ["With the money {P} bought {prize}.", "For the money {heP} got {prize}.", ""],
        ],
        [
            new("crop", "{crop}", ["What did {P} plant?", "What grew in the garden?"], ["Which plants stood in {P}'s rows?"]),
            new("thief", "{thief}", ["What came in the night?", "Which animal ate from the garden?"], ["Which thief came to the garden?"]),
            new("person", "{Q}", ["Who brought water?", "Who helped {P}?"], ["Which person watered the plants?"]),
            new("number", "{left}", ["How many rows were left?"], ["What number of rows remained?"]),
            new("number", "{n}", ["How many rows did {P} plant?"], ["What number of rows was planted?"]),
            new("month", "{month}", ["When did {P} plant the {crop}?", "In which month did {P} plant?"], ["Which month was it when {P} planted?"]),
            new("town", "{town}", ["Where did {P} sell the {crop}?"], ["In which town were the {crop} sold?"]),
        ]);

    private static StorySchema Tailor => new(
        "tailor",
        ["{clothes} for {Q}", "{P} sews", "A present to wear"],
        [
            [
                "{P} wanted to make {clothes} for {Q}.", "{Q} needed {clothes}, and {P} offered to sew.",
                "{P} promised {Q} {clothes}.",
            ],
            [
                "{heP} bought {colour} cloth in {town}.", "The cloth was {colour} and came from {town}.",
                "In {town} {heP} found {colour} cloth.",
            ],
            ["{P} sewed for {n} days.", "The work took {n} days.", "After {n} days it was ready."],
            ["On {day} {heP} took it to {Q}.", "{Q} got it on {day}.", "On {day} it was a present for {Q}."],
            ["It was too long, so {R} cut off a piece.", "{R} had to cut it, for it was too long.", "{R} helped to make it fit."],
            ["{Q} was {feeling}.", "How {feeling} {Q} was!", "That day {Q} was {feeling}."],
        ],
        [
            new("clothes", "{clothes}", ["What did {P} make?", "What did {Q} get?"], ["Which piece of clothing was sewn?"]),
            new("colour", "{colour}", ["What colour was the cloth?"], ["Which colour did {P} choose for the cloth?"]),
            new("town", "{town}", ["Where did the cloth come from?", "Where did {P} buy the cloth?"], ["From which town was the cloth?"]),
            new("person", "{R}", ["Who helped to make it fit?", "Who cut the cloth?"], ["Which person came to help {P}?"]),
            new("person", "{Q}", ["For whom did {P} sew?", "Who got the present?"], ["For which person was the work?"]),
            new("number", "{n}", ["How many days did {P} sew?", "How many days did it take?"], ["After how many days was the work done?"]),
            new("day", "{day}", ["When did {Q} get the present?"], ["On what day was the present given?"]),
        ]);
}
