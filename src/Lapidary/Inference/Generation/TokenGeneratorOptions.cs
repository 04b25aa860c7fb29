namespace Lapidary.Inference.Generation;

/// <summary>The limits of a <see cref="TokenGenerator"/>.</summary>
public sealed record TokenGeneratorOptions
{
    /// <summary>
    /// Sequences that are generated at the same time; others wait. It is also the number of sequences whose keys and values are kept
    /// when they have ended, for a request that goes on from them.
    /// </summary>
    public int MaxSequences { get; init; } = 4;

    /// <summary>Tokens that a sequence may have, prompt and answer together; null for the context of the model.</summary>
    public int? ContextLength { get; init; }
}
