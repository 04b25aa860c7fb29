using Lapidary.Checkpoints;

namespace Lapidary.Text.Tokenizers.Training;

/// <summary>A vocabulary that was learned from texts, and how it encodes them.</summary>
public sealed class TrainedTokenizer
{
    private readonly IReadOnlyList<AddedToken> addedTokens;

    internal TrainedTokenizer(
        IReadOnlyList<AddedToken> addedTokens,
        IReadOnlyList<string> learned,
        IReadOnlyList<string> alphabet,
        long texts,
        long characters,
        long tokens)
    {
        this.addedTokens = addedTokens;
        LearnedPieces = learned;
        Pieces =
        [
            .. addedTokens.Take(GemmaPieces.Count).Select(token => token.Content),
            .. GemmaPieces.Bytes,
            .. addedTokens.Skip(GemmaPieces.Count).Select(token => token.Content),
            .. learned,
            .. alphabet,
        ];
        Texts = texts;
        Characters = characters;
        Tokens = tokens;
    }

    /// <summary>
    /// All pieces in the order of their ids, with U+2581 for a space: what Gemma 3 begins with, the bytes, user-defined symbols, what was learned
    /// in the order of learning, and single characters, the most frequent first.
    /// </summary>
    public IReadOnlyList<string> Pieces { get; }

    /// <summary>The pieces that were learned, in the order of learning.</summary>
    public IReadOnlyList<string> LearnedPieces { get; }

    /// <summary>Texts that it was learned from.</summary>
    public long Texts { get; }

    /// <summary>Characters in these texts.</summary>
    public long Characters { get; }

    /// <summary>Tokens of these texts under this vocabulary, without the begin of a text.</summary>
    public long Tokens { get; }

    /// <summary>Writes <c>tokenizer.json</c> and <c>tokenizer_config.json</c>, the latter with Gemma 3's chat template.</summary>
    /// <param name="folder">A folder whose other files, if any, the caller writes; it is the caller that commits.</param>
    /// <exception cref="CheckpointException">A file cannot be written.</exception>
    public void Save(OutputFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        folder.Write("tokenizer.json", TrainedTokenizerFiles.Tokenizer(Pieces, LearnedPieces, addedTokens));
        folder.Write("tokenizer_config.json", TrainedTokenizerFiles.Settings(addedTokens));
    }

    /// <summary>Writes <c>tokenizer.json</c> and <c>tokenizer_config.json</c> into a folder of their own.</summary>
    /// <param name="path">The folder, which is made if it does not exist.</param>
    /// <param name="overwrite">Whether files may be added to a folder that is not empty, and replaced.</param>
    /// <exception cref="CheckpointException">The folder is not empty, or a file cannot be written.</exception>
    public void Save(string path, bool overwrite = false)
    {
        using var folder = new OutputFolder(path, overwrite);
        Save(folder);
        folder.Commit();
    }
}
