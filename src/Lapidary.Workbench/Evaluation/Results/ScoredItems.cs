namespace Lapidary.Workbench.Evaluation.Results;

/// <summary>The documents of a task behind one filter, column by column; all columns have the same length.</summary>
/// <param name="Filter">The filter pipeline.</param>
internal sealed record ScoredItems(string Filter)
{
    /// <summary>The index of each document in its split.</summary>
    public required long[] DocumentIds { get; init; }

    /// <summary>The hash of each document; null for all where a file has none.</summary>
    public required string[]? DocumentHashes { get; init; }

    /// <summary>The hash of each prompt; null where there is none.</summary>
    public required string?[] PromptHashes { get; init; }

    /// <summary>The right answers; null for all where a document has none.</summary>
    public required string[]? Golds { get; init; }

    /// <summary>The number of choices of each document; 0 where it has none.</summary>
    public required int[] Choices { get; init; }

    /// <summary>Which of two choices is right, from 0, as the accuracy of each document tells it; null where a document does not have two.</summary>
    public int[]? RightOfTwo { get; init; }

    /// <summary>The probability of the likeliest choice among the choices; not a number where there is none.</summary>
    public required double[] Confidences { get; init; }

    /// <summary>Where each document comes from, as far as its row says it; null where it does not.</summary>
    public required string?[] Sources { get; init; }

    /// <summary>The values of the metrics; not a number where a row has none.</summary>
    public required IReadOnlyDictionary<string, double[]> Values { get; init; }

    /// <summary>The weights of the metrics that have some: words, bytes, or the number of parts that a document is scored in.</summary>
    public required IReadOnlyDictionary<string, double[]> Weights { get; init; }

    /// <summary>The number of documents.</summary>
    public int Count => DocumentIds.Length;
}
