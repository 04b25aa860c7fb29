namespace Lapidary.Text.Data;

/// <summary>How the rows of a data set become sequences of tokens.</summary>
public sealed record TrainingDataOptions
{
    /// <summary>The most tokens that a sequence may have, at least 2. What is longer is cut at its end.</summary>
    public int MaxLength { get; init; } = 1024;

    /// <summary>
    /// Whether only what the model itself says is learned, and not what it is asked: the completion of a prompt, the assistant's turns of a
    /// conversation, the response of a Dolly row. Null stands for true. Plain text has nothing but itself and is always learned whole;
    /// ready ids bring their own labels.
    /// </summary>
    public bool? CompletionOnlyLoss { get; init; }

    /// <summary>
    /// Whether text of more than <see cref="MaxLength"/> tokens, from a file of plain text or a column <c>text</c>, becomes several
    /// sequences. If not, it is cut at its end as every other row is.
    /// </summary>
    public bool SplitLongText { get; init; } = true;

    /// <summary>What is one document in a file of plain text.</summary>
    public TextUnit TextUnit { get; init; }

    /// <summary>What the model is told before each conversation that does not say so itself; null for nothing.</summary>
    public string? SystemPrompt { get; init; }
}
