namespace Lapidary.Pebble.Stories;

/// <summary>The plots, from three files.</summary>
internal static class StorySchemas
{
    /// <summary>All plots.</summary>
    public static IReadOnlyList<StorySchema> All { get; } = [.. SearchStories.All, .. TradeStories.All, .. CompanyStories.All];
}
