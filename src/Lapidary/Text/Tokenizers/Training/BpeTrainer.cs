using System.Text;

namespace Lapidary.Text.Tokenizers.Training;

/// <summary>
/// Learns a vocabulary of Gemma 3's kind from texts: byte-pair encoding with byte fallback, spaces as U+2581, no words that a piece could
/// not reach into beyond white space, digits and punctuation. The same texts give the same vocabulary, in whatever order they come.
/// </summary>
public static class BpeTrainer
{
    private const int ReportInterval = 1024;

    /// <summary>Learns a vocabulary.</summary>
    /// <param name="texts">The texts, read once. What is kept of them are their different words.</param>
    /// <param name="options">What the vocabulary should be like.</param>
    /// <param name="progress">Told every thousand texts and every few pieces, on the caller's thread.</param>
    /// <param name="cancellationToken">Stops the work between two texts or pieces.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="TokenizerTrainingException">The texts have more characters than the vocabulary has room for, or too few different words to fill it.</exception>
    /// <exception cref="OperationCanceledException">The work was stopped.</exception>
    public static TrainedTokenizer Train(
        IEnumerable<string> texts,
        BpeTrainerOptions options,
        IProgress<BpeTrainerProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentNullException.ThrowIfNull(options);
        Check(options);
        List<AddedToken> added = GemmaPieces.AddedTokens(options.UserDefinedSymbols);
        var counter = new WordCounter(new AddedTokenMatcher(added), options.SplitDigits);
        long count = 0;
        foreach (string text in texts)
        {
            cancellationToken.ThrowIfCancellationRequested();
            counter.Add(text);
            if (++count % ReportInterval == 0)
            {
                progress?.Report(new BpeTrainerProgress(count, counter.Characters, counter.Words.Count, 0, options.VocabularySize));
            }
        }

        Alphabet alphabet = Alphabet.Choose(counter, options.CharacterCoverage);
        int others = added.Count + GemmaPieces.ByteCount + alphabet.Characters.Count;
        if (others > options.VocabularySize)
        {
            throw new TokenizerTrainingException(
                $"expected a vocabulary of at least {others} pieces for the {alphabet.Characters.Count} characters of the texts, found one of "
                + $"{options.VocabularySize}; a smaller character coverage leaves out the rarest");
        }

        var learner = new MergeLearner(counter, alphabet, options.MaxPieceLength);
        while (others + learner.Pieces.Count < options.VocabularySize)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!learner.Learn())
            {
                throw new TokenizerTrainingException(
                    $"expected texts for {options.VocabularySize} pieces, found enough for {others + learner.Pieces.Count}");
            }

            if (learner.Pieces.Count % 16 == 0)
            {
                progress?.Report(new BpeTrainerProgress(
                    count, counter.Characters, counter.Words.Count, others + learner.Pieces.Count, options.VocabularySize));
            }
        }

        return new TrainedTokenizer(
            added, learner.Pieces, [.. alphabet.Characters.Select(character => character.ToString())], count, counter.Characters, counter.FixedTokens + learner.Tokens);
    }

    private static void Check(BpeTrainerOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.VocabularySize, BpeTrainerOptions.LeastVocabularySize, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.VocabularySize, BpeTrainerOptions.GreatestVocabularySize, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxPieceLength, 2, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaxPieceLength, 64, nameof(options));
        if (!(options.CharacterCoverage is > 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.CharacterCoverage, "expected a character coverage above 0 and at most 1");
        }

        var known = GemmaPieces.AddedTokens([]).Select(token => token.Content).Concat(GemmaPieces.Bytes).ToHashSet(StringComparer.Ordinal);
        foreach (string symbol in options.UserDefinedSymbols)
        {
            // U+2581 stands for a space in pieces, but a text with a space would not be found as such a symbol.
            if (symbol is not { Length: > 0 and <= AddedTokenMatcher.LengthLimit } || symbol.Contains(GemmaPieces.Space) || !IsUnicode(symbol))
            {
                throw new ArgumentException(
                    $"expected user-defined symbols of 1 to {AddedTokenMatcher.LengthLimit} characters without U+2581, found \"{symbol}\"", nameof(options));
            }

            if (!known.Add(symbol))
            {
                throw new ArgumentException($"expected user-defined symbols that are no pieces already, found \"{symbol}\"", nameof(options));
            }
        }
    }

    private static bool IsUnicode(string text)
    {
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (rune == Rune.ReplacementChar)
            {
                // The character itself, or what stands for half of a surrogate pair.
                return text.Contains('\ufffd');
            }
        }

        return true;
    }
}
