namespace Lapidary.Text.Tokenizers.Training;

/// <summary>What a vocabulary should be like; the defaults are those of SentencePiece, with digits apart as Gemma has them.</summary>
public sealed record BpeTrainerOptions
{
    /// <summary>The smallest vocabulary: the pieces of Gemma 3 that are no text, a piece for each byte, and one more.</summary>
    public const int LeastVocabularySize = GemmaPieces.Count + GemmaPieces.ByteCount + 1;

    /// <summary>The largest vocabulary, that of Gemma 3.</summary>
    public const int GreatestVocabularySize = 262_144;

    /// <summary>Number of pieces, all of them counted; <see cref="LeastVocabularySize"/> to <see cref="GreatestVocabularySize"/>.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Characters of the longest piece, the mark for a space among them; 2 to 64.</summary>
    public int MaxPieceLength { get; init; } = 16;

    /// <summary>Whether every digit stays a piece of its own.</summary>
    public bool SplitDigits { get; init; } = true;

    /// <summary>
    /// The share of the characters of the texts that get a piece, the most frequent first; above 0 and at most 1. The others become their
    /// bytes.
    /// </summary>
    public double CharacterCoverage { get; init; } = 0.9995;

    /// <summary>Texts that are always one piece. They take the ids behind the bytes.</summary>
    public IReadOnlyList<string> UserDefinedSymbols { get; init; } = [];
}
