namespace Lapidary.Pebble.Stories;

/// <summary>A plot: sentences one after the other, each in several wordings, and what can be asked about them.</summary>
/// <param name="Name">What it is called in the files.</param>
/// <param name="Titles">Headings for it.</param>
/// <param name="Sentences">For each place in the story the wordings to choose from; an empty wording leaves the place out.</param>
/// <param name="Questions">The questions.</param>
internal sealed record StorySchema(string Name, string[] Titles, string[][] Sentences, Question[] Questions);
