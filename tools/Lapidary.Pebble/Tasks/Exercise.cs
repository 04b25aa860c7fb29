namespace Lapidary.Pebble.Tasks;

/// <summary>Something to answer.</summary>
/// <param name="Task">What kind it is.</param>
/// <param name="Prompt">What is asked.</param>
/// <param name="Answer">The expected answer; for a multiple choice the letter.</param>
internal sealed record Exercise(string Task, string Prompt, string Answer)
{
    /// <summary>Where there are options: the question without them.</summary>
    public string Question { get; init; } = string.Empty;

    /// <summary>The options, A first; empty where there are none.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>For each option the answer that it makes, in the words of the open question.</summary>
    public IReadOnlyList<string> Sentences { get; init; } = [];

    /// <summary>Which option is right.</summary>
    public int Correct { get; init; }
}
