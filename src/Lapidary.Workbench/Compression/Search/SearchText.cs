using Lapidary.Workbench.Evaluation.Texts;

namespace Lapidary.Workbench.Compression.Search;

/// <summary>A text in two parts: what a search looks at, and the rest, on which its gain is measured.</summary>
/// <param name="Calibration">The first chunks.</param>
/// <param name="HeldOut">The last fifth, of at least two chunks.</param>
public sealed record SearchText(TextChunks Calibration, TextChunks HeldOut)
{
    /// <summary>Chunks that a text needs.</summary>
    public const int LeastChunks = 4;

    /// <summary>Divides a text.</summary>
    /// <param name="chunks">The text.</param>
    /// <param name="beginToken">What the model sees in place of the first token of each chunk; null for the token itself.</param>
    /// <exception cref="ArgumentException">It has fewer than <see cref="LeastChunks"/> chunks.</exception>
    public static SearchText Divide(TextChunks chunks, int? beginToken)
    {
        ArgumentNullException.ThrowIfNull(chunks);
        if (chunks.Count < LeastChunks)
        {
            throw new ArgumentException($"A text of {chunks.Count} chunks cannot be divided; {LeastChunks} are needed.", nameof(chunks));
        }

        int held = Math.Max(2, chunks.Count / 5), first = (chunks.Count - held) * chunks.ContextLength;
        return new SearchText(
            new TextChunks(chunks.Tokens[..first], chunks.ContextLength, beginToken),
            new TextChunks(chunks.Tokens[first..], chunks.ContextLength, beginToken));
    }
}
