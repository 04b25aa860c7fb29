namespace Lapidary.Pebble.World;

/// <summary>
/// A kind of fact and the ways to put it into words. Slots: <c>{S}</c> the subject where it is a grammatical subject or a possessor
/// (<c>{S}'s</c>), <c>{o}</c> where it is an object, <c>{V}</c> the value, <c>{he}</c>, <c>{his}</c>, <c>{him}</c>.
/// </summary>
internal sealed record Relation
{
    /// <summary>What it is called in the files.</summary>
    public required string Name { get; init; }

    /// <summary>Sentences that state it.</summary>
    public required IReadOnlyList<string> Statements { get; init; }

    /// <summary>Questions for the value, in the training text.</summary>
    public required IReadOnlyList<string> Questions { get; init; }

    /// <summary>Questions for the value, in the held-out tests only.</summary>
    public required IReadOnlyList<string> HeldOut { get; init; }

    /// <summary>The answer, a sentence.</summary>
    public required string Answer { get; init; }

    /// <summary>Questions for the subject, where the value tells it; empty where several subjects share a value.</summary>
    public IReadOnlyList<string> ReverseQuestions { get; init; } = [];

    /// <summary>The same, in the held-out tests only.</summary>
    public IReadOnlyList<string> ReverseHeldOut { get; init; } = [];

    /// <summary>The answer to a question for the subject.</summary>
    public string ReverseAnswer { get; init; } = "It is {S}.";
}
