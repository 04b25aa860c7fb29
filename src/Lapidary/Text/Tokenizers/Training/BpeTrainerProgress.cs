namespace Lapidary.Text.Tokenizers.Training;

/// <summary>How far a training is.</summary>
/// <param name="Texts">Texts that were read.</param>
/// <param name="Characters">Characters in them.</param>
/// <param name="Words">Different words that were found.</param>
/// <param name="Pieces">Pieces that the vocabulary has so far; 0 while texts are read.</param>
/// <param name="VocabularySize">Pieces that it will have.</param>
public readonly record struct BpeTrainerProgress(long Texts, long Characters, int Words, int Pieces, int VocabularySize);
