using Lapidary.Checkpoints;
using Lapidary.Text.Tokenizers;

namespace Lapidary.Text;

/// <content>Where tokenizers are found.</content>
public sealed partial class Tokenizer
{
    private const string JsonName = "tokenizer.json";
    private const string SentencePieceName = "tokenizer.model";

    /// <summary>Opens the tokenizer of a model.</summary>
    /// <param name="path">
    /// A folder with <c>tokenizer.json</c> or, where that is missing, <c>tokenizer.model</c>; one of these files; or a GGUF file. What
    /// <c>tokenizer_config.json</c> beside the file says about begin, end and padding is used.
    /// </param>
    /// <exception cref="CheckpointException">There is none, it is not valid, or it is of a kind that no Gemma model uses.</exception>
    public static Tokenizer Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string file = Directory.Exists(path) ? FindIn(path) : path;
        if (IsGguf(file))
        {
            return new Tokenizer(GgufTokenizer.Read(file));
        }

        string folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(file)) ?? System.IO.Path.GetPathRoot(file)!;
        return file.EndsWith(".model", StringComparison.OrdinalIgnoreCase)
            ? new Tokenizer(SentencePieceFile.Read(file, TokenizerSettings.Read(folder, withAddedTokens: true)))
            : new Tokenizer(TokenizerJsonFile.Read(file, TokenizerSettings.Read(folder)));
    }

    /// <summary>Whether a model has a tokenizer at all; whether it is valid shows when it is opened.</summary>
    /// <param name="path">What <see cref="Open"/> takes.</param>
    public static bool Exists(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Directory.Exists(path)
            ? File.Exists(System.IO.Path.Combine(path, JsonName)) || File.Exists(System.IO.Path.Combine(path, SentencePieceName))
            : IsGguf(path) ? GgufTokenizer.IsIn(path)
            : File.Exists(path) && System.IO.Path.GetFileName(path) is JsonName or SentencePieceName;
    }

    private static string FindIn(string folder)
    {
        string json = System.IO.Path.Combine(folder, JsonName);
        string sentencePiece = System.IO.Path.Combine(folder, SentencePieceName);
        return File.Exists(json) || Directory.Exists(json) ? json
            : File.Exists(sentencePiece) || Directory.Exists(sentencePiece) ? sentencePiece
            : throw new CheckpointException(folder, $"has neither {JsonName} nor {SentencePieceName}, so no tokenizer");
    }

    private static bool IsGguf(string path) =>
        path.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase) || (File.Exists(path) && GgufFile.HasMagic(path));
}
