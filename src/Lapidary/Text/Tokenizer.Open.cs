using Lapidary.Checkpoints;
using Lapidary.Text.Tokenizers;

namespace Lapidary.Text;

/// <content>Where tokenizers are found.</content>
public sealed partial class Tokenizer
{
    private const string JsonName = "tokenizer.json";

    /// <summary>Opens the tokenizer of a model.</summary>
    /// <param name="path">A folder with <c>tokenizer.json</c>, or one of these files.</param>
    /// <exception cref="CheckpointException">There is none, it is not valid, or it is of a kind that no Gemma model uses.</exception>
    public static Tokenizer Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string file = Directory.Exists(path) ? System.IO.Path.Combine(path, JsonName) : path;
        string folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(file)) ?? ".";
        return new Tokenizer(TokenizerJsonFile.Read(file, TokenizerSettings.Read(folder)));
    }
}
