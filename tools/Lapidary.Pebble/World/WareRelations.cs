namespace Lapidary.Pebble.World;

/// <summary>What is told of the wares in the shops. <c>{n}</c> is the name without "the".</summary>
internal static class WareRelations
{
    /// <summary>The price.</summary>
    public static Relation Price { get; } = new()
    {
        Name = "price",
        Statements =
        [
            "{S} costs {V}.", "For {V} you get {a:n}.", "The price of {a:n} is {V}.", "You pay {V} for {a:n}.",
            "A new {n} costs {V}.",
            "The shopkeeper wants {V} for {o}.", "{S} is sold for {V}.", "Whoever has {V} can buy {a:n}.",
            "In every shop {S} costs {V}.",
            "Save {V} and you can buy {o}.", "On the label of {o} stands: {V}.", "{V} is the price of {a:n}.",
            "One {n} for {V}, that is the price everywhere.",
            "Nobody pays more than {V} for {o}.", "Put {V} on the table and {S} is yours.",
        ],
        Questions =
        [
            "How much does {a:n} cost?", "What does {a:n} cost?", "What is the price of {a:n}?", "How much is {a:n}?",
            "How many pennies does {a:n} cost?",
        ],
        HeldOut = ["What must I pay for {a:n}?", "How much money do I need for {a:n}?", "At what price is {a:n} sold?"],
        Answer = "The {n} costs {V}.",
        ReverseQuestions = ["What costs {V}?", "Which thing costs {V}?", "What can I buy for {V}?"],
        ReverseHeldOut = ["Which of the wares is sold for {V}?", "For which thing do shops ask {V}?"],
        ReverseAnswer = "The {n} costs {V}.",
    };

    /// <summary>The weight.</summary>
    public static Relation Weight { get; } = new()
    {
        Name = "weight",
        Statements =
        [
            "{S} weighs {V}.", "The weight of {a:n} is {V}.", "Put {a:n} on the scales and you read {V}.",
            "{S} has a weight of {V}.",
            "Whoever carries {a:n} carries {V}.", "{V} is what {a:n} weighs.", "On the scales {S} comes to {V}.",
            "A new {n} weighs {V}.",
            "Each {n} weighs {V}.", "You lift {V} when you lift {o}.", "The shopkeeper says that {S} weighs {V}.",
            "With its {V}, {S} is easy to weigh.",
            "The scales show {V} for {o}.", "Every {n} in the Vale weighs {V}.", "It takes a weight of {V} to balance {o}.",
        ],
        Questions =
        [
            "How much does {a:n} weigh?", "What does {a:n} weigh?", "What is the weight of {a:n}?", "How heavy is {a:n}?",
            "How many pounds does {a:n} weigh?",
        ],
        HeldOut = ["What do the scales say for {a:n}?", "Which weight has {a:n}?", "How much weight do I lift with {a:n}?"],
        Answer = "The {n} weighs {V}.",
    };

    /// <summary>What it is made of.</summary>
    public static Relation Material { get; } = new()
    {
        Name = "material",
        Statements =
        [
            "{S} is made of {V}.", "{V} is what {a:n} is made of.", "To make {a:n} you need {V}.", "A good {n} is made of {V}.",
            "Every {n} is made of {V}.",
            "{S} consists of {V}.", "Out of {V} one makes {a:n}.", "Craftsmen make {o} out of {V}.",
            "The material of {a:n} is {V}.",
            "Touch {o} and you feel {V}.", "In the Vale {a:n} is always of {V}.", "{S} is of {V}, as it should be.",
            "Whoever makes {a:n} buys {V} first.",
            "There is nothing but {V} in {a:n}.", "From {V} came {o}.",
        ],
        Questions =
        [
            "What is {a:n} made of?", "Of what is the {n} made?", "Which material is {a:n} made of?",
            "What do you need to make {a:n}?",
        ],
        HeldOut =
        [
            "What stuff is used for {a:n}?", "From which material do craftsmen make {a:n}?", "What does {a:n} consist of?",
        ],
        Answer = "The {n} is made of {V}.",
    };

    /// <summary>The colour.</summary>
    public static Relation Colour { get; } = new()
    {
        Name = "ware-colour",
        Statements =
        [
            "{S} is {V}.", "The colour of {a:n} is {V}.", "Every {n} in the shops is {V}.", "{S} has {a:V} colour.",
            "In the Vale {a:n} is always {V}.",
            "{S} is painted {V}.", "A new {n} shines {V}.", "You know {o} by its {V} colour.",
            "Look for something {V} if you look for {o}.",
            "{V} is the colour of {o}.", "They sell {o} in {V} only.", "The shops have only {V} ones when you ask for {o}.",
            "{S} comes in {V}.",
            "Nobody has seen {a:n} that is not {V}.", "{S} was {V} when it was new.",
        ],
        Questions =
        [
            "What colour is {a:n}?", "What is the colour of {a:n}?", "Which colour does {a:n} have?",
            "What colour does the {n} have?",
        ],
        HeldOut = ["In what colour do shops sell {a:n}?", "By which colour do you know {a:n}?", "How is {a:n} painted?"],
        Answer = "The {n} is {V}.",
    };
}
