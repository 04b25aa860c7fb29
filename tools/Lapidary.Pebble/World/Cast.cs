namespace Lapidary.Pebble.World;

/// <summary>The people of the Vale: eight families, related by marriage, who know each other.</summary>
internal static class Cast
{
    /// <summary>Everybody, in the order of the families.</summary>
    public static IReadOnlyList<Person> People { get; } =
    [
        Woman("Ada", 67, "Birch", "clockmaker", "Oldford", "plum cake", "brown", "singing", "cat", "Velvet", "March", null, null, "Ruben"),
        Man("Ruben", 69, "Birch", "fiddler", "Oldford", "onion soup", "green", "dancing", "parrot", "Captain", "October", null, null, "Ada"),
        Woman("Mira", 38, "Alder", "baker", "Oldford", "apple pie", "yellow", "fishing", "cat", "Button", "May", "Ada", "Ruben", "Tom"),
        Man("Tom", 41, "Alder", "carpenter", "Oldford", "bean stew", "blue", "chess", "dog", "Splinter", "January", "Greta", "Oskar", "Mira"),
        Girl("Nell", 12, "Alder", "Oldford", "pancakes", "red", "kite flying", "rabbit", "Clover", "July", "Mira", "Tom"),
        Boy("Finn", 9, "Alder", "Oldford", "cherry jam", "orange", "swimming", "tortoise", "Pebbles", "April", "Mira", "Tom"),
        Man("Jonas", 42, "Birch", "ferryman", "Reedham", "fish soup", "grey", "carving", "dog", "Anchor", "November", "Ada", "Ruben", "Lena"),
        Woman("Lena", 40, "Birch", "weaver", "Reedham", "dumplings", "purple", "drawing", "goat", "Nettle", "February", null, null, "Jonas"),
        Boy("Ivo", 15, "Birch", "Reedham", "sausages", "black", "rowing", "mouse", "Crumb", "August", "Lena", "Jonas"),
        Girl("Pia", 11, "Birch", "Reedham", "honey bread", "pink", "climbing", "canary", "Sunny", "December", "Lena", "Jonas"),
        Man("Oskar", 66, "Alder", "forester", "Pinewick", "mushroom stew", "green", "bird watching", "dog", "Bramble", "June", null, null, "Greta"),
        Woman("Greta", 64, "Alder", "beekeeper", "Pinewick", "honey bread", "yellow", "knitting", "hen", "Duchess", "September", null, null, "Oskar"),
        Woman("Clara", 36, "Moss", "doctor", "Millbrook", "pea soup", "white", "chess", "cat", "Pepper", "January", "Greta", "Oskar", "Hugo"),
        Man("Hugo", 37, "Moss", "miller", "Millbrook", "pancakes", "brown", "swimming", "pony", "Thunder", "March", "Edda", "Karl", "Clara"),
        Girl("Lotte", 10, "Moss", "Millbrook", "plum cake", "purple", "singing", "rabbit", "Thistle", "May", "Clara", "Hugo"),
        Boy("Emil", 7, "Moss", "Millbrook", "apple pie", "red", "kite flying", "tortoise", "Nutmeg", "October", "Clara", "Hugo"),
        Woman("Edda", 63, "Moss", "potter", "Millbrook", "cheese tart", "orange", "gardening", "parrot", "Emerald", "April", null, null, "Karl"),
        Man("Karl", 65, "Moss", "shepherd", "Millbrook", "bean stew", "white", "carving", "dog", "Shadow", "December", null, null, "Edda"),
        Man("Anton", 33, "Moss", "sailor", "Saltby", "sausages", "blue", "drawing", "parrot", "Pirate", "July", "Edda", "Karl", "Vera"),
        Woman("Vera", 31, "Moss", "fishmonger", "Saltby", "roast potatoes", "pink", "dancing", "cat", "Sardine", "June", "Hilda", "Bruno", "Anton"),
        Girl("Rosa", 8, "Moss", "Saltby", "cherry jam", "yellow", "shell collecting", "mouse", "Whisper", "November", "Vera", "Anton"),
        Child("Nils", false, 5, "Moss", "Saltby", "dumplings", "green", "shell collecting", "hen", "Speckle", "February", "Vera", "Anton"),
        Man("Bruno", 58, "Stone", "fisherman", "Saltby", "fish soup", "grey", "bird watching", "dog", "Barnacle", "August", null, null, "Hilda"),
        Woman("Hilda", 57, "Stone", "net maker", "Saltby", "onion soup", "red", "knitting", "canary", "Marigold", "March", null, null, "Bruno"),
        Man("Max", 28, "Stone", "lighthouse keeper", "Gullhaven", "cheese tart", "black", "rowing", "cat", "Lantern", "September", "Hilda", "Bruno", "Sara"),
        Woman("Sara", 27, "Stone", "painter", "Gullhaven", "roast potatoes", "orange", "swimming", "goat", "Daisy", "May", "Marta", "Otto", "Max"),
        Child("Tilda", true, 4, "Stone", "Gullhaven", "pancakes", "blue", "dancing", "rabbit", "Snowball", "January", "Sara", "Max"),
        Man("Otto", 55, "Field", "farmer", "Applewood", "apple pie", "brown", "fishing", "pony", "Chestnut", "October", null, null, "Marta"),
        Woman("Marta", 54, "Field", "cheesemaker", "Applewood", "pea soup", "purple", "gardening", "goat", "Bluebell", "April", null, null, "Otto"),
        Man("Paul", 30, "Field", "blacksmith", "Ironhill", "mushroom stew", "red", "chess", "dog", "Ember", "December", "Marta", "Otto", "Ines"),
        Woman("Elsa", 24, "Field", "teacher", "Highmoor", "plum cake", "green", "climbing", "canary", "Chalk", "July", "Marta", "Otto", null),
        Woman("Ines", 29, "Field", "glassblower", "Ironhill", "cheese tart", "pink", "singing", "parrot", "Rainbow", "February", null, null, "Paul"),
        Boy("Theo", 6, "Field", "Ironhill", "honey bread", "yellow", "carving", "tortoise", "Boulder", "June", "Ines", "Paul"),
        Child("Mona", true, 3, "Field", "Ironhill", "cherry jam", "white", "drawing", "hen", "Feather", "November", "Ines", "Paul"),
        Man("Felix", 50, "Winter", "mayor", "Castleton", "roast potatoes", "purple", "chess", "cat", "Senator", "August", null, null, "Anna"),
        Woman("Anna", 48, "Winter", "judge", "Castleton", "fish soup", "blue", "bird watching", "tortoise", "Patience", "September", null, null, "Felix"),
        Man("Leo", 22, "Winter", "bell ringer", "Castleton", "sausages", "orange", "rowing", "pony", "Comet", "March", "Anna", "Felix", null),
        Woman("Dora", 19, "Winter", "letter carrier", "Castleton", "pancakes", "red", "climbing", "dog", "Stamp", "May", "Anna", "Felix", null),
        Man("Simon", 46, "Winter", "innkeeper", "Stonebridge", "onion soup", "brown", "dancing", "parrot", "Riddle", "January", null, null, "Berta"),
        Woman("Berta", 44, "Winter", "cook", "Stonebridge", "dumplings", "white", "gardening", "hen", "Noodle", "October", null, null, "Simon"),
        Boy("Kai", 16, "Winter", "Stonebridge", "bean stew", "black", "fishing", "mouse", "Rocket", "April", "Berta", "Simon"),
        Girl("Luna", 13, "Winter", "Stonebridge", "mushroom stew", "grey", "drawing", "cat", "Midnight", "December", "Berta", "Simon"),
        Man("Albert", 71, "Rivers", "gardener", "Lakeside", "pea soup", "green", "knitting", "tortoise", "Moses", "July", null, null, "Flora"),
        Woman("Flora", 70, "Rivers", "librarian", "Lakeside", "apple pie", "pink", "singing", "canary", "Sonnet", "November", null, null, "Albert"),
        Woman("Julia", 35, "Rivers", "bookbinder", "Highmoor", "cheese tart", "black", "kite flying", "mouse", "Comma", "June", "Flora", "Albert", null),
        Man("Erik", 34, "Rivers", "boat builder", "Lakeside", "sausages", "blue", "swimming", "dog", "Rudder", "February", "Flora", "Albert", "Nora"),
        Woman("Nora", 32, "Rivers", "nurse", "Lakeside", "honey bread", "grey", "rowing", "rabbit", "Bandit", "August", null, null, "Erik"),
        Girl("Ella", 14, "Rivers", "Lakeside", "dumplings", "orange", "climbing", "pony", "Maple", "September", "Nora", "Erik"),
        Child("Jan", false, 2, "Rivers", "Lakeside", "pancakes", "red", "singing", "goat", "Turnip", "May", "Nora", "Erik"),
    ];

    private static Person Woman(
        string name, int age, string family, string job, string town, string food, string colour, string hobby,
        string petKind, string petName, string month, string? mother, string? father, string? spouse) =>
        new(name, true, age, family, job, town, food, colour, hobby, petKind, petName, month, mother, father, spouse);

    private static Person Man(
        string name, int age, string family, string job, string town, string food, string colour, string hobby,
        string petKind, string petName, string month, string? mother, string? father, string? spouse) =>
        new(name, false, age, family, job, town, food, colour, hobby, petKind, petName, month, mother, father, spouse);

    private static Person Girl(
        string name, int age, string family, string town, string food, string colour, string hobby,
        string petKind, string petName, string month, string mother, string father) =>
        new(name, true, age, family, "pupil", town, food, colour, hobby, petKind, petName, month, mother, father, null);

    private static Person Boy(
        string name, int age, string family, string town, string food, string colour, string hobby,
        string petKind, string petName, string month, string mother, string father) =>
        new(name, false, age, family, "pupil", town, food, colour, hobby, petKind, petName, month, mother, father, null);

    private static Person Child(
        string name, bool female, int age, string family, string town, string food, string colour, string hobby,
        string petKind, string petName, string month, string mother, string father) =>
        new(name, female, age, family, string.Empty, town, food, colour, hobby, petKind, petName, month, mother, father, null);
}
