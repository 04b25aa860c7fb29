namespace Lapidary.Pebble.World;

/// <summary>A thing that every shop of the Vale sells in the same form: weight in pounds, price in pennies.</summary>
internal sealed record Ware(string Name, string Colour, string Material, int Pounds, int Pennies);
