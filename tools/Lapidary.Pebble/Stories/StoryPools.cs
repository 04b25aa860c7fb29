using Lapidary.Pebble.World;

namespace Lapidary.Pebble.Stories;

/// <summary>
/// What may fill a slot of a story: the pool of slot <c>place2</c> is <c>place</c>. Words that a story makes up are not those that the
/// world has facts about, so that no story speaks against the world.
/// </summary>
internal static class StoryPools
{
    private static readonly Dictionary<string, string[]> Pools = new(StringComparer.Ordinal)
    {
        ["person"] = [.. Cast.People.Where(person => person.Age > 6).Select(person => person.Name)],
        ["town"] = [.. Vale.Towns.Select(town => town.Name)],
        ["day"] = [.. Vale.Days],
        ["month"] = [.. Vale.Months],
        ["thing"] =
        [
            "key", "coin", "ring", "shell", "map", "feather", "button", "whistle", "marble", "ribbon", "spoon", "scarf", "book",
            "ball", "brush", "compass",
            "purse", "needle", "comb", "glove", "doll", "cup", "pencil", "medal", "umbrella", "apron",
        ],
        ["colour"] = ["red", "blue", "green", "yellow", "white", "black", "brown", "grey", "golden", "silver", "pink", "purple"],
        ["place"] =
        [
            "the mill", "the bridge", "the well", "the market", "the orchard", "the school", "the harbour", "the stable",
            "the garden gate", "the bakery", "the pond",
            "the library", "the tower", "the inn", "the workshop",
        ],
        ["spot"] =
        [
            "under a bench", "behind a barrel", "in a basket", "beside a stone wall", "inside an old boot", "on a window sill",
            "under a bush",
            "between two stones", "behind the door", "on the roof", "under a carpet", "in a hollow tree",
            "at the bottom of a jug",
        ],
        ["fruit"] = ["apple", "pear", "plum", "egg", "carrot", "onion", "cherry", "nut", "bun", "lemon", "turnip", "fig"],
        ["weather"] = ["rainy", "snowy", "foggy", "windy", "sunny", "stormy", "cold", "warm", "cloudy", "dry"],
        ["time"] = ["in the morning", "at noon", "in the afternoon", "in the evening", "at midnight", "at sunrise", "after lunch", "before breakfast"],
        ["beast"] = ["fox cub", "hedgehog", "duckling", "lamb", "kitten", "squirrel", "puppy", "owlet", "piglet", "gosling", "swan", "raven", "otter"],
        ["nickname"] = ["Dot", "Patch", "Pip", "Twig", "Bean", "Rusty", "Fluff", "Spot", "Dusty", "Poppy", "Bubbles", "Tiny"],
        ["dish"] = ["a cake", "a pie", "a pot of soup", "a big stew", "a pudding", "a bowl of salad", "a loaf of bread", "a pot of jam"],
        ["stuff"] = ["flour", "eggs", "milk", "butter", "salt", "honey", "cream", "cheese", "beans", "berries", "cinnamon", "nuts"],
        ["contest"] = ["boat race", "running race", "singing contest", "baking contest", "chess contest", "kite contest", "dancing contest", "drawing contest"],
        ["prize"] = ["a silver cup", "a golden ribbon", "a bag of nuts", "a new hat", "a jar of honey", "a wooden horse", "a basket of pears", "a warm blanket"],
        ["tool"] = ["a hammer", "some glue", "a strong thread", "two nails", "a piece of wire", "a new screw", "a wooden peg", "a pot of paint"],
        ["broken"] = ["chair", "wheel", "gate", "window", "lamp", "table", "boat", "cart", "fence", "shelf", "swing", "box"],
        ["crop"] = ["cabbages", "carrots", "beans", "turnips", "pumpkins", "leeks", "onions", "beets"],
        ["thief"] = ["a goat", "a rabbit", "a deer", "a goose", "a pig", "a crow", "a donkey", "a snail"],
        ["feeling"] = ["happy", "tired", "proud", "sad", "angry", "afraid", "curious", "hungry"],
        ["drink"] = ["tea", "milk", "cider", "lemonade", "cocoa", "apple juice", "water", "broth"],
        ["clothes"] = ["a coat", "a shirt", "a cap", "a belt", "a dress", "a pair of socks", "a vest", "a cloak"],
        ["song"] = ["a song about the sea", "a song about a brave dog", "a song about the moon", "a song about bread", "a song about a lost boat", "a song about spring"],
        ["number"] = [.. Enumerable.Range(2, 29).Select(number => number.ToString())],
    };

    /// <summary>The pool of that name.</summary>
    public static IReadOnlyList<string> Of(string pool) => Pools[pool];

    /// <summary>The name of the pool of a slot, or null for a slot that the teller computes.</summary>
    public static string? PoolOf(string slot)
    {
        string name = slot.TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9');
        return name is "P" or "Q" or "R" ? "person" : Pools.ContainsKey(name) && name != "number" ? name : null;
    }
}
