namespace Lapidary.Pebble.World;

/// <summary>A town of the Vale.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Setting">Where it lies: by the river, by the sea, ...</param>
/// <param name="KnownFor">What it is known for; no two towns share it.</param>
/// <param name="Landmark">What a visitor goes to see; no two towns share it.</param>
/// <param name="MarketDay">The weekday of its market.</param>
/// <param name="Houses">How many houses it has.</param>
internal sealed record Town(string Name, string Setting, string KnownFor, string Landmark, string MarketDay, int Houses);
