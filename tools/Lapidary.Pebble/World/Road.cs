namespace Lapidary.Pebble.World;

/// <summary>A road between two towns and its length.</summary>
internal sealed record Road(string From, string To, int Miles);
