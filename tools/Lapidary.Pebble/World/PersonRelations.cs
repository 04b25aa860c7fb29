namespace Lapidary.Pebble.World;

/// <summary>What is told of a person: work, home, age, birthday, family name.</summary>
internal static class PersonRelations
{
    /// <summary>The work of a grown-up; no two have the same.</summary>
    public static Relation Job { get; } = new()
    {
        Name = "job",
        Statements =
        [
            "{S} is {a:V}.", "{S} works as {a:V}.", "{S} earns {his} bread as {a:V}.", "By trade {S} is {a:V}.",
            "{S}'s work is that of {a:V}.",
            "{S} has been {a:V} for years.", "Everybody knows {o} as the {V}.", "{S} became {a:V} long ago.",
            "The {V} of the Vale is {o}.",
            "If you need {a:V}, ask for {o}.", "{S} learned the trade of {a:V}.", "Like no one else in the Vale, {S} is {a:V}.",
            "Every morning {S} goes to work as {a:V}.", "People who look for {a:V} are sent to {o}.", "{S} is proud to be {a:V}.",
            "There is only one {V} in the Vale, and that is {o}.", "{S}'s trade: {V}.", "{S}, {a:V}, likes {his} work.",
        ],
        Questions =
        [
            "What is {S}'s job?", "What does {S} do for a living?", "What work does {S} do?", "What is {S} by trade?",
            "As what does {S} work?",
            "Tell me what {S}'s work is.", "Which trade did {S} learn?",
        ],
        HeldOut =
        [
            "How does {S} earn a living?", "What is the profession of {S}?", "Which job does {S} have in the Vale?",
            "What kind of worker is {S}?",
        ],
        Answer = "{S} is {a:V}.",
        ReverseQuestions = ["Who is the {V}?", "Who works as {a:V}?", "Which person is {a:V}?", "Who is {a:V} by trade?"],
        ReverseHeldOut =
        [
            "Who in the Vale has the job of {V}?", "Which of these people is the {V}?", "Name the {V} of the Vale.",
        ],
        ReverseAnswer = "{S} is the {V}.",
    };

    /// <summary>The town where the person lives.</summary>
    public static Relation Home { get; } = new()
    {
        Name = "home",
        Statements =
        [
            "{S} lives in {V}.", "{S}'s home is in {V}.", "{S} has a house in {V}.", "In {V} everybody knows {o}.",
            "{S} comes from {V}.",
            "You can find {o} in {V}.", "{S}'s home town is {V}.", "The people of {V} are glad to have {o}.",
            "{S} has lived in {V} for a long time.",
            "Whoever wants to visit {o} must travel to {V}.", "In the streets of {V} you may meet {o}.",
            "{V} is the home of {o}.",
            "{S} would not leave {V} for anything.", "Letters for {o} are sent to {V}.",
            "{S} goes to the market in {V}, where {he} lives.",
            "{S} sleeps, eats and works in {V}.", "One of the people of {V} is {o}.",
        ],
        Questions =
        [
            "Where does {S} live?", "In which town does {S} live?", "What is {S}'s home town?", "Where is {S}'s home?",
            "Which town does {S} come from?",
            "Where can I find {o}?", "Where is {S} at home?",
        ],
        HeldOut =
        [
            "In what place is the house of {S}?", "Which town is home to {S}?", "To which town must I go to visit {S}?",
            "What town does {S} call home?",
        ],
        Answer = "{S} lives in {V}.",
    };

    /// <summary>The age in years.</summary>
    public static Relation Age { get; } = new()
    {
        Name = "age",
        Statements =
        [
            "{S} is {V} years old.", "{S}'s age is {V}.", "{S} has lived for {V} years.",
            "At the age of {V}, {S} is still full of ideas.",
            "Ask {o} how old {he} is and you will hear: {V}.", "{S} is {V}.", "There were {V} candles on {S}'s last cake.",
            "{S} turned {V} this year.",
            "{S}, aged {V}, feels just right.", "{V} years is the age of {o}.", "{S} was born {V} years ago.",
            "{S} counts {V} years.",
            "With {V} years behind {him}, {S} knows what {he} likes.", "{S} became {V} on {his} last birthday.",
            "Now that {S} is {V}, {he} often laughs about it.",
        ],
        Questions =
        [
            "How old is {S}?", "What is {S}'s age?", "How many years old is {S}?", "What age is {S}?", "Tell me how old {S} is.",
            "How many years ago was {S} born?",
        ],
        HeldOut =
        [
            "What is the age of {S} in years?", "How many years has {S} been alive?", "Which number tells the age of {S}?",
            "How many birthdays has {S} had?",
        ],
        Answer = "{S} is {V} years old.",
        ReverseQuestions = ["Who is {V} years old?", "Whose age is {V}?", "Which person is {V} years old?"],
        ReverseHeldOut = ["Who in the Vale has reached the age of {V}?", "Which of these people is aged {V}?"],
        ReverseAnswer = "{S} is {V} years old.",
    };

    /// <summary>The month of the birthday.</summary>
    public static Relation Birthday { get; } = new()
    {
        Name = "birthday",
        Statements =
        [
            "{S} was born in {V}.", "{S}'s birthday is in {V}.", "In {V} {S} has a birthday.",
            "Every {V} there is a party for {o}.",
            "{S} celebrates in {V}.", "In {V} {S} grows a year older.",
            "{S} waits all year for {V}, the month of {his} birthday.",
            "{V} is {S}'s birthday month.", "{S} came into the world in {V}.", "The friends of {o} bake a cake in {V}.",
            "{S} is a child of {V}.",
            "When {V} comes, {S} gets presents.", "{S} says that {V} is the best month, because {he} was born then.",
            "{S} lights {his} birthday candles in {V}.", "The month in which {S} was born is {V}.",
        ],
        Questions =
        [
            "When is {S}'s birthday?", "In which month was {S} born?", "What is {S}'s birthday month?",
            "When does {S} celebrate?", "In which month does {S} get presents?",
        ],
        HeldOut =
        [
            "Which month holds the birthday of {S}?", "During what month was {S} born?",
            "In what month does {S} become a year older?",
        ],
        Answer = "{S}'s birthday is in {V}.",
    };

    /// <summary>The family name.</summary>
    public static Relation FamilyName { get; } = new()
    {
        Name = "family-name",
        Statements =
        [
            "{S}'s family name is {V}.", "{S}'s full name is {n} {V}.", "{S} belongs to the {V} family.",
            "The {V} family is glad to have {o}.",
            "On {S}'s door stands the name {V}.", "{S} signs {his} letters with the name {V}.", "{S} is one of the {V} family.",
            "{S}'s last name is {V}.", "Call {him} {n} {V}, if you want to be polite.", "{n} {V} is what {S} is called in full.",
            "Among the members of the {V} family is {o}.", "{S} bears the name {V}.", "The name {V} belongs to {o} too.",
            "People write {n} {V} on letters to {o}.", "When the {V} family meets, {S} is there.",
        ],
        Questions =
        [
            "What is {S}'s family name?", "What is {S}'s last name?", "What is {S}'s full name?",
            "To which family does {S} belong?",
        ],
        HeldOut =
        [
            "Which family name does {S} bear?", "What name stands after {S} on letters?", "Of which family is {S} a member?",
        ],
        Answer = "{S}'s family name is {V}.",
    };
}
