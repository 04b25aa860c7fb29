namespace Lapidary.Pebble.World;

/// <summary>An animal: its young, its sound (a verb in the third person), what it eats, where it sleeps or lives.</summary>
internal sealed record Animal(string Name, string Young, string Sound, string Food, string Home, int Legs);
