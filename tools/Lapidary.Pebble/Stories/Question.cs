namespace Lapidary.Pebble.Stories;

/// <summary>What can be asked about a story.</summary>
/// <param name="Pool">The pool of the answer, from which wrong options come; see <see cref="StoryPools"/>.</param>
/// <param name="Answer">The answer, a template.</param>
/// <param name="Asked">Wordings of the training text.</param>
/// <param name="HeldOut">Wordings that only the held-out tests use, beside the others.</param>
internal sealed record Question(string Pool, string Answer, string[] Asked, string[] HeldOut);
