namespace Lapidary.Pebble.World;

/// <summary>What is told of the animals. <c>{n}</c> is the name without "the".</summary>
internal static class AnimalRelations
{
    /// <summary>What it eats.</summary>
    public static Relation Food { get; } = new()
    {
        Name = "animal-food",
        Statements =
        [
            "{S} eats {V}.", "{S} likes {V}.", "{a:n} eats {V}.", "Give {him} {V} and {S} is happy.", "The food of {o} is {V}.",
            "{S} lives on {V}.",
            "What {S} eats is {V}.", "A hungry {n} looks for {V}.", "{S} fills its belly with {V}.",
            "For {a:n} there is nothing better than {V}.",
            "Every {n} loves {V}.", "You feed {a:n} with {V}.", "When {S} is hungry, it wants {V}.",
            "Where there is {V}, {a:n} is not far.", "In the morning {S} eats {V}.",
        ],
        Questions =
        [
            "What does {a:n} eat?", "What do you feed {a:n} with?", "What food does the {n} like?", "What is the food of {a:n}?",
        ],
        HeldOut = ["What does a hungry {n} want?", "On what does {a:n} live?", "Which food makes {a:n} happy?"],
        Answer = "The {n} eats {V}.",
    };

    /// <summary>Where it sleeps.</summary>
    public static Relation Home { get; } = new()
    {
        Name = "animal-home",
        Statements =
        [
            "{S} sleeps in the {V}.", "{S} lives in the {V}.", "The home of {o} is the {V}.", "You find {a:n} in the {V}.",
            "At night {S} goes to the {V}.",
            "The {V} is the home of {o}.", "{a:n} lives in the {V}.", "Look for {o} in the {V}.", "{S} feels safe in the {V}.",
            "When it rains, {S} stays in the {V}.",
            "A tired {n} rests in the {V}.", "Every {n} knows the way to the {V}.", "{S} was born in the {V}.",
            "In the {V} you may hear {a:n}.", "{S} calls the {V} its home.",
        ],
        Questions =
        [
            "Where does {a:n} live?", "Where does {a:n} sleep?", "What is the home of {a:n}?", "Where do you find {a:n}?",
        ],
        HeldOut = ["Where does a tired {n} rest?", "In which place is {a:n} at home?", "Where should I look for {a:n} at night?"],
        Answer = "The {n} lives in the {V}.",
    };

    /// <summary>The young.</summary>
    public static Relation Young { get; } = new()
    {
        Name = "young",
        Statements =
        [
            "The young of {o} is called {a:V}.", "A young {n} is {a:V}.", "A baby {n} is called {a:V}.",
            "{S} looks after its {V}.", "{a:V} grows up to be {a:n}.",
            "First it is {a:V}, later it is {a:n}.", "The mother of {a:V} is {a:n}.", "The child of {a:n} is {a:V}.",
            "{a:n} was once {a:V}.", "One day {a:V} becomes {a:n}.",
            "{S} has a young one, {a:V}.", "Behind {o} walks its {V}.", "{S} calls its {V}.",
            "{a:V} is {a:n} that is still small.", "The word for a little {n} is {V}.",
        ],
        Questions =
        [
            "What is a young {n} called?", "What is the young of {a:n} called?", "What do you call a baby {n}?",
            "What is the child of {a:n}?",
        ],
        HeldOut =
        [
            "Which word means a small young {n}?", "What was {a:n} when it was little?",
            "What name is given to the young of {a:n}?",
        ],
        Answer = "A young {n} is called {a:V}.",
        ReverseQuestions = ["What does {a:V} grow up to be?", "What is the mother of {a:V}?", "Which animal was once {a:V}?"],
        ReverseHeldOut = ["What will {a:V} be when it has grown?", "Of which animal is {a:V} the young?"],
        ReverseAnswer = "{a:V} grows up to be {a:n}.",
    };

    /// <summary>The sound, a verb in the third person.</summary>
    public static Relation Sound { get; } = new()
    {
        Name = "sound",
        Statements =
        [
            "{S} {V}.", "{a:n} {V}.", "Listen: {S} {V}.", "When {S} wants something, it {V}.", "All day long {S} {V}.",
            "In the morning {S} {V}.", "{S} {V} when it is happy.",
            "Every {n} {V}.", "If it {V}, it is {a:n}.", "{S} {V} when it sees you.", "A hungry {n} {V}.",
            "You know {o} because it {V}.",
            "The animal that {V} is {o}.", "At night you may hear how {S} {V}.", "{a:n} always {V}.",
        ],
        Questions =
        [
            "What sound does {a:n} make?", "What does {a:n} do when it wants something?", "How do you know {a:n} by its voice?",
            "What do you hear from {a:n}?",
        ],
        HeldOut = ["Which noise comes from {a:n}?", "What does the voice of {a:n} do?", "How does {a:n} sound?"],
        Answer = "The {n} {V}.",
        ReverseQuestions = ["Which animal {V}?", "What {V}?", "Who {V} in the Vale?"],
        ReverseHeldOut = ["Which of the animals is the one that {V}?", "If something {V}, which animal is it?"],
        ReverseAnswer = "The {n} {V}.",
    };

    /// <summary>How many legs it has.</summary>
    public static Relation Legs { get; } = new()
    {
        Name = "legs",
        Statements =
        [
            "{S} has {V} legs.", "{a:n} has {V} legs.", "{S} walks on {V} legs.", "Count the legs of {a:n}: there are {V}.",
            "{S} stands on {V} legs.",
            "The number of legs of {a:n} is {V}.", "Every {n} has {V} legs.", "With its {V} legs {S} gets about.",
            "{V} legs carry {o}.", "A healthy {n} has {V} legs.",
            "Draw {a:n} with {V} legs.", "Under {o} there are {V} legs.", "{S} needs {V} legs to walk.",
            "You can count {V} legs on {o}.", "{a:n} runs on {V} legs.",
        ],
        Questions =
        [
            "How many legs does {a:n} have?", "On how many legs does {a:n} walk?", "What is the number of legs of {a:n}?",
        ],
        HeldOut =
        [
            "How many legs carry {a:n}?", "With how many legs would you draw {a:n}?", "How many legs can you count on {a:n}?",
        ],
        Answer = "The {n} has {V} legs.",
    };
}
