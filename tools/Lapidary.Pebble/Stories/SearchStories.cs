namespace Lapidary.Pebble.Stories;

/// <summary>Plots in which something is lost, found, hidden or saved.</summary>
internal static class SearchStories
{
    /// <summary>The plots.</summary>
    public static StorySchema[] All { get; } = [LostThing, Rescue, HideAndSeek, Storm, Treasure];

    private static StorySchema LostThing => new(
        "lost-thing",
        ["The lost {thing}", "{P} looks for {a:thing}", "Where is the {thing}?"],
        [
            [
                "On {day} {P} lost {hisP} {colour} {thing}.", "{P} could not find {hisP} {colour} {thing} on {day}.",
                "It was {day} when {P} lost {a:colour} {thing}.",
            ],
            [
                "{heP} looked at {place}, but it was not there.", "{heP} first searched {place} and found nothing.",
                "There was no trace of it at {place}.",
            ],
            ["{P} was {feeling}.", "That made {himP} {feeling}.", ""],
            ["Then {Q} came by and helped.", "{hisP} friend {Q} came to help.", "{P} asked {Q} for help."],
            ["{Q} found the {thing} {spot}.", "At last {Q} saw the {thing} {spot}.", "It lay {spot}, and {Q} picked it up."],
            ["{P} thanked {himQ} and gave {himQ} {prize}.", "As thanks {Q} got {prize}.", "{P} laughed and gave {prize} to {Q}."],
        ],
        [
            new("thing", "{a:thing}", ["What did {P} lose?", "What was lost?", "What was {P} looking for?"], ["Which thing of {P} was missing?", "What could {P} not find?"]),
            new("person", "{Q}", ["Who found the {thing}?", "Who helped {P}?"], ["Which person picked up the {thing}?", "From whom did {P} get help?"]),
            new("spot", "{spot}", ["Where was the {thing}?", "Where did {Q} find the {thing}?"], ["In what spot did the {thing} turn up?", "Where had the {thing} been lying?"]),
            new("prize", "{prize}", ["What did {Q} get as thanks?", "What did {P} give to {Q}?"], ["With what did {P} thank {Q}?"]),
            new("day", "{day}", ["When did {P} lose the {thing}?", "On which day was the {thing} lost?"], ["What day was it when {P} lost the {thing}?"]),
            new("colour", "{colour}", ["What colour was the {thing}?"], ["Which colour did the lost {thing} have?"]),
        ]);

    private static StorySchema Rescue => new(
        "rescue",
        ["The little {beast}", "{P} and the {beast}", "A {weather} day"],
        [
            [
                "It was a {weather} {day}.", "One {weather} {day} {P} went for a walk.",
                "On a {weather} {day} {P} walked past {place}.",
            ],
            [
                "Near {place} {P} heard a small cry.", "At {place} {P} heard something.",
                "Suddenly {P} heard a noise near {place}.",
            ],
            ["A little {beast} sat {spot}.", "{heP} found a little {beast} {spot}.", "There, {spot}, sat a little {beast}."],
            [
                "{P} took it home and gave it {drink}.", "{heP} carried it home and gave it some {drink}.",
                "At home {P} let it drink {drink}.",
            ],
            [
                "{Q} came to see it and called it {nickname}.", "{hisP} friend {Q} gave it the name {nickname}.",
                "It got the name {nickname} from {Q}.",
            ],
            [
                "Soon {nickname} was well and ran back to its mother.", "After {n} days it was strong again.",
                "{nickname} stayed for {n} days.",
            ],
        ],
        [
            new("beast", "{a:beast}", ["What did {P} find?", "Which animal did {P} help?", "What animal was it?"], ["What sort of animal did {P} carry home?", "Which creature was in trouble?"]),
            new("place", "{place}", ["Where did {P} hear the cry?", "Near what place did it happen?"], ["Near which place was the little animal?"]),
            new("nickname", "{nickname}", ["What was the {beast} called?", "What name did the {beast} get?"], ["Which name was given to the {beast}?"]),
            new("person", "{Q}", ["Who gave the {beast} its name?", "Who came to see the {beast}?"], ["Which friend named the {beast}?"]),
            new("drink", "{drink}", ["What did the {beast} drink?", "What did {P} give to the {beast}?"], ["Which drink did the {beast} get?"]),
            new("weather", "{weather}", ["How was the weather?"], ["What kind of day was it?"]),
        ]);

    private static StorySchema HideAndSeek => new(
        "hide-and-seek",
        ["Hide and seek", "A game at {place}", "{P}, {Q} and {R} play"],
        [
            [
                "{P}, {Q} and {R} played hide and seek at {place}.",
                "One {day} {P}, {Q} and {R} met at {place} to play hide and seek.",
                "Three friends, {P}, {Q} and {R}, played a game at {place}.",
            ],
            [
                "{P} had to seek and counted to {m}.", "{P} closed {hisP} eyes and counted to {m}.",
                "It was {P} who had to count to {m}.",
            ],
            ["{Q} hid {spot}.", "{Q} ran off and hid {spot}.", "The best place, thought {Q}, was {spot}."],
            ["{R} hid {spot2}.", "{R} chose a place {spot2}.", "{R} found a place {spot2}."],
            ["{P} found {R} first, because {R} laughed.", "First {P} found {R}.", "It did not take long, and {P} saw {R}."],
            [
                "{Q} was found last and won the game.", "The winner was {Q}, whom nobody could find.",
                "Nobody found {Q}, so {Q} won.",
            ],
        ],
        [
            new("spot", "{spot}", ["Where did {Q} hide?", "Where was {Q}?"], ["What was the hiding place of {Q}?"]),
            new("spot", "{spot2}", ["Where did {R} hide?", "Where was {R}?"], ["What was the hiding place of {R}?"]),
            new("person", "{P}", ["Who had to seek?", "Who counted?"], ["Which of the friends had to look for the others?"]),
            new("person", "{R}", ["Whom did {P} find first?", "Who was found first?"], ["Who was the first to be found?"]),
            new("person", "{Q}", ["Who won the game?", "Who was the winner?"], ["Which of them won?"]),
            new("number", "{m}", ["To what number did {P} count?", "How far did {P} count?"], ["Up to which number did {P} count?"]),
            new("place", "{place}", ["Where did they play?", "Where did the friends play?"], ["At which place was the game?"]),
        ]);

    private static StorySchema Storm => new(
        "storm",
        ["The storm", "{P} on the road", "A long way to {town}"],
        [
            [
                "{P} set out for {town} {time}.", "{time} {P} began to walk to {town}.",
                "{P} wanted to be in {town} soon and left {time}.",
            ],
            ["On the road a storm began.", "Then the sky grew dark and a storm came.", "Halfway there, a storm broke loose."],
            [
                "{heP} ran to {place} and waited there.", "{P} found shelter at {place}.",
                "{heP} stayed at {place} until it was over.",
            ],
            [
                "{Q} was there too and shared {hisQ} {drink} with {himP}.", "There {heP} met {Q}, who gave {himP} some {drink}.",
                "{Q}, who had also fled from the rain, had {drink} for both.",
            ],
            ["{Q} sang {song}.", "To pass the time {Q} sang {song}.", "They were not afraid, for {Q} sang {song}."],
            [
                "When the sun came back, {P} was {feeling}.", "After {n} minutes the sky was clear again, and {P} was {feeling}.",
                "At the end {P} was {feeling}.",
            ],
        ],
        [
            new("town", "{town}", ["Where did {P} want to go?", "To which town did {P} walk?"], ["What was the aim of {P}'s walk?"]),
            new("place", "{place}", ["Where did {P} find shelter?", "Where did {P} wait?"], ["At which place did {P} stay dry?"]),
            new("person", "{Q}", ["Whom did {P} meet?", "Who sang?"], ["Who else was waiting there?"]),
            new("drink", "{drink}", ["What did {Q} share?", "What did they drink?"], ["Which drink did {P} get from {Q}?"]),
            new("song", "{song}", ["What did {Q} sing?"], ["Which song was heard in the storm?"]),
            new("feeling", "{feeling}", ["How did {P} feel at the end?", "How was {P} when it was over?"], ["In what mood was {P} in the end?"]),
            new("time", "{time}", ["When did {P} leave?", "When did {P} set out?"], ["At what time of day did {P} start?"]),
        ]);

    private static StorySchema Treasure => new(
        "treasure",
        ["The old map", "A treasure", "{P} and {Q} dig"],
        [
            ["{P} found an old map {spot}.", "{spot} lay an old map, and {P} found it.", "One day {P} saw an old map {spot}."],
            ["It showed a cross at {place}.", "There was a cross on it, right at {place}.", "The map had a cross at {place}."],
            [
                "{P} told {Q}, and together they went to dig.", "Together with {Q} {heP} began to dig there.",
                "{heP} took {Q} along, and they dug a deep hole.",
            ],
            [
                "They found a box with {a:colour} {thing} in it.", "In the earth was a box, and in the box {a:colour} {thing}.",
                "Deep down they found {a:colour} {thing} in a box.",
            ],
            [
                "{P} kept the {thing}, and {Q} kept the box.", "{Q} took the box home, {P} the {thing}.",
                "The {thing} now belongs to {P} and the box to {Q}.",
            ],
            ["It had been there for {m} years.", "On the box stood that it was {m} years old.", ""],
        ],
        [
            new("spot", "{spot}", ["Where was the map?", "Where did {P} find the map?"], ["In what spot did the map lie?"]),
            new("place", "{place}", ["Where was the cross on the map?", "Where did they dig?"], ["Which place did the map show?"]),
            new("thing", "{a:thing}", ["What was in the box?", "What did they find?"], ["Which treasure did the box hold?"]),
            new("person", "{Q}", ["Who helped {P} to dig?", "Who kept the box?"], ["With whom did {P} dig?", "To whom does the box belong now?"]),
            new("colour", "{colour}", ["What colour was the {thing}?"], ["In which colour was the {thing} from the box?"]),
        ]);
}
