using Lapidary.Cli.CommandLine;
using Lapidary.Inference;
using Lapidary.Text;
using Lapidary.Workbench.Evaluation.Texts;

namespace Lapidary.Cli.Commands.Texts;

/// <summary>From a text to the chunks that a model scores.</summary>
internal static class ScoredText
{
    /// <summary>Reads a text as llama.cpp does: the line end that closes the file is no part of it.</summary>
    /// <exception cref="RequestException">It cannot be read.</exception>
    public static string Read(string path)
    {
        string text = TextFile.Read(path, "a text in UTF-8");
        return text.EndsWith('\n') ? text[..^1] : text;
    }

    /// <summary>The tokens of a text: all of it at once, what looks like a special token taken as text.</summary>
    public static int[] Encode(Tokenizer tokenizer, string text) => tokenizer.Encode(text, addBos: true, parseSpecial: false);

    /// <summary>The token that each chunk begins with; null where the model has none.</summary>
    public static int? BeginToken(Tokenizer tokenizer) => tokenizer.AddsBos ? tokenizer.BosId : null;

    /// <summary>Cuts a text.</summary>
    /// <param name="path">What errors call it.</param>
    /// <param name="tokens">Its tokens.</param>
    /// <param name="contextLength">Tokens of a chunk.</param>
    /// <param name="beginToken">The token that each chunk begins with.</param>
    /// <param name="limit">Chunks at most; null for all.</param>
    /// <exception cref="RequestException">It is too short.</exception>
    public static TextChunks Cut(string path, int[] tokens, int contextLength, int? beginToken, int? limit) =>
        tokens.Length < TextChunks.TokensNeeded(contextLength)
            ? throw RequestException.Expected(
                path, $"at least {TextChunks.TokensNeeded(contextLength)} tokens, two chunks of {contextLength}", $"{tokens.Length}")
            : new TextChunks(tokens, contextLength, beginToken, limit);

    /// <summary>Throws unless chunks fit into the context of a model.</summary>
    /// <exception cref="RequestException">They do not.</exception>
    public static void CheckContext(string option, int contextLength, LanguageModel model)
    {
        if (contextLength > model.ContextLength)
        {
            throw RequestException.Expected(option, $"at most {model.ContextLength} tokens, the context of {model.Checkpoint.Path}", $"{contextLength}");
        }
    }

    /// <summary>
    /// Throws unless the base has the vocabulary of the model: as many tokens and, where it has a tokenizer, the same tokens for the texts.
    /// Pieces are not compared: a GGUF file writes some of them in another way.
    /// </summary>
    /// <param name="option">The option that named the base.</param>
    /// <param name="model">The model.</param>
    /// <param name="reference">The base.</param>
    /// <param name="texts">The texts and what was made of them.</param>
    /// <exception cref="RequestException">It has another.</exception>
    public static void CheckVocabulary(
        string option, LanguageModel model, LanguageModel reference, params IEnumerable<(string Path, TextChunks Chunks)> texts)
    {
        string path = reference.Checkpoint.Path;
        CheckVocabulary(option, path, model.Config.VocabularySize, reference.Config.VocabularySize);
        if (!Tokenizer.Exists(path))
        {
            return;
        }

        var tokenizer = Tokenizer.Open(path);
        foreach ((string text, TextChunks chunks) in texts)
        {
            if (!Encode(tokenizer, Read(text)).AsSpan().StartsWith(chunks.Tokens.Span))
            {
                throw RequestException.Expected($"{option} {path}", $"the vocabulary of {model.Checkpoint.Path}", $"one that makes other tokens of {text}");
            }
        }
    }

    /// <summary>Throws unless two vocabularies are of the same size.</summary>
    /// <exception cref="RequestException">They are not.</exception>
    public static void CheckVocabulary(string option, string source, int expected, int found)
    {
        if (found != expected)
        {
            throw RequestException.Expected($"{option} {source}", $"the vocabulary of the model, {expected} tokens", $"{found}");
        }
    }
}
