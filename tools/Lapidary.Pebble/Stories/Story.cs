namespace Lapidary.Pebble.Stories;

/// <summary>A story that was told: a plot with its slots filled.</summary>
/// <param name="Schema">The plot.</param>
/// <param name="Title">Its heading.</param>
/// <param name="Sentences">The sentences.</param>
/// <param name="Slots">What the slots hold.</param>
internal sealed record Story(StorySchema Schema, string Title, IReadOnlyList<string> Sentences, IReadOnlyDictionary<string, string> Slots)
{
    /// <summary>The story as one paragraph.</summary>
    public string Text => string.Join(' ', Sentences);
}
