namespace Lapidary.Pebble.World;

/// <summary>What is told of a town.</summary>
internal static class TownRelations
{
    /// <summary>Where it lies.</summary>
    public static Relation Setting { get; } = new()
    {
        Name = "setting",
        Statements =
        [
            "{S} lies {V}.", "{S} is a town {V}.", "{S} was built {V}.", "The houses of {S} stand {V}.", "You find {o} {V}.",
            "{S} stands {V}.",
            "The town of {o} lies {V}.", "Long ago people built {o} {V}.", "Life {V} is pleasant in {o}.",
            "The people of {o} live {V}.",
            "Look for {o} {V}.", "{S} is one of the towns {V}.", "The old road to {o} ends {V}.", "The streets of {o} are {V}.",
            "A walk {V} leads to {o}.",
        ],
        Questions =
        [
            "Where does {S} lie?", "Where was {S} built?", "Where is the town of {S}?", "Where do the houses of {S} stand?",
        ],
        HeldOut =
        [
            "How would you describe the place where {S} is?", "Where in the land is {S} found?", "What is the setting of {S}?",
        ],
        Answer = "{S} lies {V}.",
    };

    /// <summary>What it makes or sells.</summary>
    public static Relation KnownFor { get; } = new()
    {
        Name = "known-for",
        Statements =
        [
            "{S} is known for {V}.", "People travel to {o} for {V}.", "The best {V} in the Vale comes from {o}.",
            "{S} is proud of its {V}.",
            "Nobody makes better {V} than the people of {o}.", "Think of {V} and you think of {o}.",
            "In {o} there is {V} everywhere.",
            "{S} sells {V} to all other towns.", "The fame of {o} is its {V}.", "For {V} you must go to {o}.",
            "Carts with {V} come from {o}.",
            "All the Vale loves {S}'s {V}.", "{S} lives by its {V}.", "In the market of {o} you can buy {V}.",
            "{S} made its name with {V}.",
        ],
        Questions =
        [
            "What is {S} known for?", "What does {S} sell?", "For what do people travel to {S}?", "What is {S} proud of?",
        ],
        HeldOut = ["What is {S} famous for?", "What made the name of {S}?", "Which goods come from {S}?"],
        Answer = "{S} is known for {V}.",
        ReverseQuestions = ["Which town is known for {V}?", "Where do people go for {V}?", "Which town sells {V}?"],
        ReverseHeldOut = ["What town is famous for {V}?", "From which town does the best {V} come?"],
        ReverseAnswer = "{S} is known for {V}.",
    };

    /// <summary>What visitors go to see.</summary>
    public static Relation Landmark { get; } = new()
    {
        Name = "landmark",
        Statements =
        [
            "In {o} stands {V}.", "Visitors of {o} go to see {V}.", "The pride of {o} is {V}.", "{S} has {V}.",
            "Everybody in {o} loves {V}.",
            "You should not leave {o} without a look at {V}.", "Painters come to {o} for {V}.", "{V} is in {o}.",
            "{V} belongs to {o}.",
            "The children of {o} play near {V}.", "Meet me in {o}, at {V}.", "From far away you can see {V} of {o}.",
            "Travellers who come to {o} ask for {V}.", "{S}'s landmark is {V}.", "On every picture of {o} you see {V}.",
        ],
        Questions =
        [
            "What can you see in {S}?", "What is the landmark of {S}?", "What do visitors of {S} go to see?",
            "What stands in {S}?",
        ],
        HeldOut = ["Which sight is found in {S}?", "What should a traveller look at in {S}?", "What do pictures of {S} show?"],
        Answer = "In {S} you can see {V}.",
        ReverseQuestions = ["Where is {V}?", "In which town is {V}?", "Which town has {V}?"],
        ReverseHeldOut = ["In what town can a visitor admire {V}?", "Which town is the place of {V}?"],
        ReverseAnswer = "You can see {V} in {S}.",
    };

    /// <summary>The weekday of its market.</summary>
    public static Relation MarketDay { get; } = new()
    {
        Name = "market-day",
        Statements =
        [
            "The market day in {o} is {V}.", "Every {V} there is a market in {o}.", "On {V} the market of {o} opens.",
            "{S} has its market on {V}.",
            "{V} is market day in {o}.", "Go to {o} on {V} if you want to see the market.",
            "On {V} the square of {o} is full of people.",
            "The farmers bring their carts to {o} on {V}.", "In {o} everybody waits for {V}, the day of the market.",
            "{S} holds its market on {V}.",
            "The traders come to {o} each {V}.", "On {V} nobody in {o} stays at home, because of the market.",
            "The market of {o} takes place on {V}.",
            "If it is {V}, there is a market in {o}.", "{S}'s market day is {V}.",
        ],
        Questions =
        [
            "When is the market in {S}?", "On which day is the market of {S}?", "What is the market day in {S}?",
            "When does {S} hold its market?",
        ],
        HeldOut =
        [
            "Which weekday is market day in {S}?", "On what day do traders come to {S}?",
            "What day should I choose for the market of {S}?",
        ],
        Answer = "The market in {S} is on {V}.",
    };

    /// <summary>How many houses it has.</summary>
    public static Relation Houses { get; } = new()
    {
        Name = "houses",
        Statements =
        [
            "{S} has {V} houses.", "There are {V} houses in {o}.", "The town of {o} counts {V} houses.",
            "If you count the houses of {o}, you get {V}.",
            "{V} houses make up {o}.", "{S} is a place of {V} houses.", "In {o} you can knock at {V} doors.",
            "Between the first and the last there are {V} houses in {o}.",
            "The number of houses in {o} is {V}.", "Smoke rises from {V} chimneys in {o}, one for each house.",
            "{S} grew to {V} houses.",
            "A letter carrier in {o} walks to {V} houses.", "All the {V} houses of {o} have gardens.",
            "The map of {o} shows {V} houses.", "{S} built its houses one by one, {V} in all.",
        ],
        Questions =
        [
            "How many houses does {S} have?", "How many houses are there in {S}?", "What is the number of houses in {S}?",
            "How big is {S}?",
        ],
        HeldOut =
        [
            "How many houses can be counted in {S}?", "Of how many houses is {S} made?", "What number of houses stands in {S}?",
        ],
        Answer = "{S} has {V} houses.",
        ReverseQuestions = ["Which town has {V} houses?", "What town has {V} houses?"],
        ReverseHeldOut = ["In which town would you count {V} houses?", "Which town is made of {V} houses?"],
        ReverseAnswer = "{S} has {V} houses.",
    };
}
