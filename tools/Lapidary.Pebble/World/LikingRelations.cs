namespace Lapidary.Pebble.World;

/// <summary>What a person likes, and the pet.</summary>
internal static class LikingRelations
{
    /// <summary>The favourite dish.</summary>
    public static Relation Food { get; } = new()
    {
        Name = "food",
        Statements =
        [
            "{S}'s favourite food is {V}.", "{S} likes {V} best of all.", "{S} could eat {V} every day.",
            "When {S} is hungry, {he} thinks of {V}.",
            "For {S} there is nothing better than {V}.", "{S} loves {V}.", "You can make {o} happy with {V}.",
            "On {his} birthday {S} wants {V}.",
            "{V} is what {S} likes to eat most.", "{S} never says no to {V}.", "{S} always asks for {V}.",
            "The dish that {S} loves is {V}.",
            "If there is {V} on the table, {S} comes at once.", "{S} dreams of {V}.", "A plate of {V} is all that {S} needs.",
        ],
        Questions =
        [
            "What is {S}'s favourite food?", "What does {S} like to eat?", "Which dish does {S} love?",
            "What food does {S} like best?", "What should I cook for {o}?",
        ],
        HeldOut =
        [
            "What would {S} most like to find on the plate?", "Which food makes {S} happy?",
            "What does {S} enjoy eating above all?",
        ],
        Answer = "{S}'s favourite food is {V}.",
    };

    /// <summary>The favourite colour.</summary>
    public static Relation Colour { get; } = new()
    {
        Name = "colour",
        Statements =
        [
            "{S}'s favourite colour is {V}.", "{S} likes {V} more than any other colour.", "{S} often wears {V}.",
            "{S}'s door is painted {V}.",
            "Of all colours {S} loves {V}.", "Almost everything that belongs to {o} is {V}.",
            "Give {him} something {V} and {S} smiles.",
            "{S} thinks that {V} is the finest colour.", "{V} is the colour that {S} likes best.",
            "{S}'s coat is {V}, because {he} loves that colour.",
            "{S} would paint the whole house {V}.", "For {o} every colour but {V} is dull.",
            "{S} wears {a:V} scarf, for {V} is {his} colour.",
            "When {S} may choose a colour, {he} takes {V}.", "The colour for {o} is {V}.",
        ],
        Questions =
        [
            "What is {S}'s favourite colour?", "Which colour does {S} like best?", "What colour does {S} love?",
            "Which colour would {S} choose?",
        ],
        HeldOut =
        [
            "What colour pleases {S} most?", "Of all the colours, which one is {S} fondest of?",
            "In what colour would {S} paint a room?",
        ],
        Answer = "{S}'s favourite colour is {V}.",
    };

    /// <summary>What the person does after work.</summary>
    public static Relation Hobby { get; } = new()
    {
        Name = "hobby",
        Statements =
        [
            "{S}'s hobby is {V}.", "{S} loves {V}.", "In the evening {S} has time for {V}.",
            "When the work is done, {S} turns to {V}.",
            "{S} spends every free hour on {V}.", "Nothing pleases {o} like {V}.", "On Sundays {S} enjoys {V}.",
            "{S} is good at {V}.",
            "{S} talks about {V} all day long.", "{V} is {S}'s great joy.", "{S} would love to do nothing but {V}.",
            "{S} took up {V} as a child.",
            "If you want to please {o}, talk about {V}.", "The hobby of {o} is {V}.", "Rest, for {S}, means {V}.",
        ],
        Questions =
        [
            "What is {S}'s hobby?", "What does {S} like to do?", "What does {S} do in {his} free time?",
            "Which hobby does {S} have?", "What does {S} enjoy after work?",
        ],
        HeldOut = ["How does {S} spend a free afternoon?", "Which pastime does {S} have?", "What does {S} do for fun?"],
        Answer = "{S}'s hobby is {V}.",
    };

    /// <summary>The kind of animal that lives with the person.</summary>
    public static Relation PetKind { get; } = new()
    {
        Name = "pet",
        Statements =
        [
            "{S} has {a:V}.", "{S}'s pet is {a:V}.", "{S} keeps {a:V}.", "There is {a:V} living with {o}.",
            "{S} shares {his} home with {a:V}.",
            "{S} never goes to bed without looking after {his} {V}.", "{S} got {a:V} as a present.",
            "Every day {S} feeds {his} {V}.",
            "The animal at {S}'s side is {a:V}.", "{S} would not give away {his} {V}.", "At {S}'s house lives {a:V}.",
            "{S} is fond of {his} {V}.",
            "{S} talks to {his} {V} as to a friend.", "The pet of {o} is {a:V}.", "{S} owns {a:V}.",
        ],
        Questions =
        [
            "What pet does {S} have?", "Which animal does {S} keep?", "What kind of pet does {S} have?",
            "What animal lives with {o}?", "What is {S}'s pet?",
        ],
        HeldOut =
        [
            "Which sort of animal belongs to {S}?", "What creature shares a home with {S}?",
            "Which animal does {S} feed every day?",
        ],
        Answer = "{S} has {a:V}.",
    };

    /// <summary>The name of the pet; no two share it.</summary>
    public static Relation PetName { get; } = new()
    {
        Name = "pet-name",
        Statements =
        [
            "{S}'s {k} is called {V}.", "{S} has {a:k} named {V}.", "The name of {S}'s {k} is {V}.", "{V} is the {k} of {o}.",
            "{S} calls {his} {k} {V}.",
            "{V} belongs to {o}.", "{S} loves {his} {k} {V}.", "{S} gave {his} {k} the name {V}.", "{V}, {a:k}, lives with {o}.",
            "When {S} comes home, {V} is waiting.", "{S} and the {k} {V} are good friends.", "{S} named {his} pet {V}.",
            "{V} follows {o} everywhere.",
            "{S} tells everyone about {V}, {his} {k}.", "Nobody feeds {V} but {o}.", "The {k} {V} sleeps at {S}'s feet.",
        ],
        Questions =
        [
            "What is {S}'s {k} called?", "What is the name of {S}'s pet?", "What is {S}'s {k}'s name?",
            "How is {S}'s {k} called?",
        ],
        HeldOut =
        [
            "What name did {S} give to the {k}?", "Which name does the {k} of {S} answer to?", "What does {S} call the {k}?",
        ],
        Answer = "{S}'s {k} is called {V}.",
        ReverseQuestions = ["Who has {a:k} named {V}?", "Whose {k} is {V}?", "To whom does {V} belong?", "Who owns the {k} {V}?"],
        ReverseHeldOut = ["Who is the owner of {V} the {k}?", "With whom does the {k} called {V} live?"],
        ReverseAnswer = "{V} belongs to {S}.",
    };
}
