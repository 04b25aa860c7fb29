namespace Lapidary.Pebble.World;

/// <summary>The small world that the corpus tells of: a valley with twelve towns. Everything here is a constant.</summary>
internal static class Vale
{
    /// <summary>The towns.</summary>
    public static IReadOnlyList<Town> Towns { get; } =
    [
        new("Oldford", "by the river", "bread", "the clock tower", "Monday", 82),
        new("Reedham", "by the river", "baskets", "the ferry landing", "Thursday", 45),
        new("Pinewick", "in the forest", "honey", "the giant oak", "Saturday", 31),
        new("Millbrook", "by the river", "flour", "the water mill", "Tuesday", 54),
        new("Saltby", "by the sea", "smoked fish", "the long pier", "Friday", 73),
        new("Gullhaven", "by the sea", "pearls", "the white lighthouse", "Wednesday", 26),
        new("Applewood", "in a valley", "cider", "the round barn", "Saturday", 38),
        new("Ironhill", "on a hill", "iron tools", "the great forge", "Tuesday", 60),
        new("Highmoor", "on a hill", "wool", "the star tower", "Friday", 29),
        new("Castleton", "in a valley", "silver bells", "the old castle", "Sunday", 97),
        new("Stonebridge", "by the river", "meat pies", "the seven arches", "Wednesday", 48),
        new("Lakeside", "by the lake", "boats", "the rose garden", "Monday", 66),
    ];

    /// <summary>The roads.</summary>
    public static IReadOnlyList<Road> Roads { get; } =
    [
        new("Oldford", "Millbrook", 4),
        new("Oldford", "Reedham", 7),
        new("Oldford", "Pinewick", 9),
        new("Millbrook", "Stonebridge", 6),
        new("Reedham", "Saltby", 12),
        new("Saltby", "Gullhaven", 5),
        new("Pinewick", "Highmoor", 11),
        new("Highmoor", "Ironhill", 8),
        new("Ironhill", "Castleton", 14),
        new("Castleton", "Stonebridge", 10),
        new("Castleton", "Applewood", 3),
        new("Applewood", "Lakeside", 13),
        new("Lakeside", "Millbrook", 15),
        new("Gullhaven", "Lakeside", 18),
    ];

    /// <summary>What the shops sell.</summary>
    public static IReadOnlyList<Ware> Wares { get; } =
    [
        new("lantern", "green", "tin", 3, 14),
        new("kettle", "red", "copper", 4, 22),
        new("basket", "brown", "straw", 2, 6),
        new("drum", "blue", "wood", 7, 35),
        new("blanket", "purple", "wool", 5, 28),
        new("ladder", "grey", "wood", 19, 40),
        new("bell", "yellow", "silver", 1, 48),
        new("chair", "white", "wood", 11, 30),
        new("bucket", "orange", "tin", 6, 9),
        new("clock", "black", "brass", 9, 75),
        new("mirror", "pink", "glass", 8, 33),
        new("hammer", "grey", "iron", 10, 17),
        new("hat", "brown", "wool", 1, 12),
        new("bowl", "blue", "clay", 3, 5),
        new("candle", "white", "wax", 1, 2),
        new("kite", "yellow", "paper", 2, 11),
        new("flute", "orange", "wood", 1, 24),
        new("saddle", "black", "leather", 16, 64),
        new("anchor", "red", "iron", 42, 90),
        new("barrel", "green", "wood", 27, 19),
        new("vase", "purple", "glass", 4, 26),
        new("jug", "pink", "clay", 5, 8),
    ];

    /// <summary>The animals.</summary>
    public static IReadOnlyList<Animal> Animals { get; } =
    [
        new("cow", "calf", "moos", "grass", "barn", 4),
        new("sheep", "lamb", "bleats", "clover", "fold", 4),
        new("horse", "foal", "neighs", "oats", "stable", 4),
        new("hen", "chick", "clucks", "corn", "henhouse", 2),
        new("duck", "duckling", "quacks", "pond weed", "reeds", 2),
        new("pig", "piglet", "grunts", "turnips", "sty", 4),
        new("dog", "puppy", "barks", "bones", "kennel", 4),
        new("cat", "kitten", "purrs", "mice", "kitchen", 4),
        new("frog", "tadpole", "croaks", "flies", "pond", 4),
        new("owl", "owlet", "hoots", "voles", "old tree", 2),
        new("bee", "grub", "buzzes", "nectar", "hive", 6),
        new("goose", "gosling", "honks", "seeds", "meadow", 2),
        new("wolf", "cub", "howls", "deer", "den", 4),
        new("rabbit", "bunny", "squeaks", "carrots", "burrow", 4),
    ];

    /// <summary>The days of the week, Monday first.</summary>
    public static IReadOnlyList<string> Days { get; } =
    [
        "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
    ];

    /// <summary>The months, January first.</summary>
    public static IReadOnlyList<string> Months { get; } =
    [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
    ];

    /// <summary>Somebody by first name.</summary>
    public static Person Find(string name) => Cast.People.First(person => person.Name == name);

    /// <summary>Children of a person, oldest first.</summary>
    public static IReadOnlyList<Person> ChildrenOf(Person parent) =>
        [.. Cast.People.Where(person => person.Mother == parent.Name || person.Father == parent.Name).OrderByDescending(person => person.Age)];

    /// <summary>Brothers and sisters of a person, oldest first.</summary>
    public static IReadOnlyList<Person> SiblingsOf(Person person) =>
        person.Mother is null ? []
        : [.. Cast.People.Where(other => other.Mother == person.Mother && other.Name != person.Name).OrderByDescending(other => other.Age)];
}
