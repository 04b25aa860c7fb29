using System.Text;
using Lapidary.Checkpoints;

namespace Lapidary.Text.Tokenizers;

/// <summary>
/// The vocabulary of a model folder as a GGUF file has it: SentencePiece's pieces, scores and kinds by id, one for each row of the embedding,
/// by the rules of llama.cpp's converter (conversion/base.py, _create_vocab_sentencepiece). <see cref="GgufTokenizer"/> reads it.
/// </summary>
internal sealed class GgufVocabulary
{
    private const int ByteCount = 256;
    private const float AddedScore = -1000;
    private const float PaddingScore = -10_000;

    private readonly TokenizerParts parts;
    private readonly string[] pieces;
    private readonly float[] scores;
    private readonly PieceKind[] kinds;
    private bool addsPrefix;

    private GgufVocabulary(TokenizerParts parts, int rows)
    {
        this.parts = parts;
        pieces = new string[rows];
        scores = new float[rows];
        kinds = new PieceKind[rows];
        for (int id = 0; id < rows; id++)
        {
            bool isPiece = id < parts.Model.Vocabulary.Count;
            pieces[id] = isPiece ? Encoding.UTF8.GetString(parts.Model.Vocabulary[id]) : $"[PAD{id}]";
            scores[id] = PaddingScore;
            kinds[id] = isPiece ? PieceKind.Normal : PieceKind.Unused;
        }
    }

    /// <summary>Reads the tokenizer of a folder: <c>tokenizer.model</c> where there is one, because it has the scores, else <c>tokenizer.json</c>.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="rows">Rows of the embedding; pieces with larger ids are left out.</param>
    /// <exception cref="CheckpointException">There is no tokenizer, it is not valid, or a GGUF file cannot say what it does.</exception>
    public static GgufVocabulary Read(string folder, int rows)
    {
        TokenizerSettings settings = TokenizerSettings.Read(folder, withAddedTokens: true);
        string sentencePiece = Path.Combine(folder, "tokenizer.model");
        return File.Exists(sentencePiece)
            ? FromSentencePiece(SentencePieceFile.Read(sentencePiece, settings), settings.AddedTokens, rows)
            : FromJson(TokenizerJsonFile.Read(Path.Combine(folder, "tokenizer.json"), settings), rows);
    }

    /// <summary>From the pieces of <c>tokenizer.json</c>, whose merges become scores.</summary>
    public static GgufVocabulary FromJson(TokenizerParts parts, int rows)
    {
        var vocabulary = new GgufVocabulary(parts, rows);
        BpeModel model = parts.Model;
        vocabulary.Check(model.ByteFallback && !model.IgnoreMerges, "has no byte fallback, or ignores merges");
        vocabulary.Check(parts.Splitter is null or { Pattern: " " }, "cuts texts into words");
        vocabulary.TakeAdded(parts.AddedTokens);
        vocabulary.TakeBytes();
        float[] normal = MergeScores.Of(model, vocabulary.kinds, parts.Path);
        for (int id = 0; id < rows; id++)
        {
            vocabulary.scores[id] = vocabulary.kinds[id] is PieceKind.Normal or PieceKind.Byte ? normal[id] : vocabulary.scores[id];
        }

        return vocabulary.Checked();
    }

    private static GgufVocabulary FromSentencePiece(TokenizerParts parts, IReadOnlyList<AddedToken> added, int rows)
    {
        var vocabulary = new GgufVocabulary(parts, rows);
        for (int id = 0; id < Math.Min(rows, parts.Model.Vocabulary.Count); id++)
        {
            vocabulary.scores[id] = parts.Model.Scores![id];
            vocabulary.kinds[id] = parts.Model.Kinds[id];
            if (vocabulary.kinds[id] == PieceKind.UserDefined)
            {
                vocabulary.pieces[id] = WithSpaces(vocabulary.pieces[id]);
            }
        }

        vocabulary.TakeAdded(added);
        return vocabulary.Checked();
    }

    /// <summary>Adds the keys of the tokenizer.</summary>
    /// <param name="metadata">Receives them.</param>
    /// <param name="stopIds">The ids that end a generation; the end of a turn is named if it is among them.</param>
    public void AddTo(GgufMetadata metadata, IReadOnlyCollection<int> stopIds)
    {
        metadata.Add("tokenizer.ggml.model", "llama")
            .Add("tokenizer.ggml.pre", "default")
            .Add("tokenizer.ggml.tokens", pieces)
            .Add<float>("tokenizer.ggml.scores", scores)
            .Add<int>("tokenizer.ggml.token_type", Array.ConvertAll(kinds, kind => (int)kind));
        int turn = Array.IndexOf(pieces, "<end_of_turn>");
        AddId(metadata, "bos", parts.BosId);
        AddId(metadata, "eos", parts.EosId);
        AddId(metadata, "unknown", parts.UnknownId);
        AddId(metadata, "padding", parts.PadId);
        AddId(metadata, "eot", stopIds.Contains(turn) ? turn : null);
        metadata.Add("tokenizer.ggml.add_bos_token", parts.Prefix.Count > 0)
            .Add("tokenizer.ggml.add_sep_token", false)
            .Add("tokenizer.ggml.add_eos_token", parts.Suffix.Count > 0)
            .Add("tokenizer.ggml.add_space_prefix", addsPrefix);
    }

    private void AddId(GgufMetadata metadata, string name, int? id)
    {
        if (id >= 0 && id < pieces.Length)
        {
            metadata.Add($"tokenizer.ggml.{name}_token_id", (uint)id);
        }
    }

    private void TakeAdded(IReadOnlyList<AddedToken> added)
    {
        foreach (AddedToken token in added.Where(token => token.Id < pieces.Length))
        {
            Check(
                token is { StripsLeft: false, StripsRight: false, SingleWord: false },
                $"has the added token \"{ForeignText.Show(token.Content)}\" that swallows white space or must be a word of its own");
            bool isControl = token.Special || LooksSpecial(token.Content);
            pieces[token.Id] = isControl ? token.Content : WithSpaces(token.Content);
            kinds[token.Id] = isControl ? PieceKind.Control : PieceKind.UserDefined;
            scores[token.Id] = AddedScore;
        }
    }

    private void TakeBytes()
    {
        for (int value = 0; value < ByteCount; value++)
        {
            int id = parts.Model.Vocabulary.Find(Encoding.ASCII.GetBytes($"<0x{value:X2}>"));
            if (id >= 0 && id < pieces.Length && kinds[id] == PieceKind.Normal)
            {
                kinds[id] = PieceKind.Byte;
            }
        }
    }

    private GgufVocabulary Checked()
    {
        Check(parts.Normalizer.IsSentencePiece(out addsPrefix), "normalizes text in another way than by marking spaces");
        Check(IsOnly(parts.Prefix, parts.BosId) && IsOnly(parts.Suffix, parts.EosId), "puts other pieces than its begin and its end around texts");
        int bytes = kinds.Count(kind => kind == PieceKind.Byte);
        if (bytes != ByteCount)
        {
            throw new CheckpointException(
                parts.Path, $"has {bytes} pieces for bytes among the {pieces.Length} rows of the embedding where {ByteCount} were expected");
        }

        var known = new HashSet<string>(pieces.Length, StringComparer.Ordinal);
        foreach (string piece in pieces)
        {
            if (!known.Add(piece))
            {
                throw new CheckpointException(parts.Path, $"has two pieces that would both be \"{ForeignText.Show(piece)}\" in a GGUF file");
            }
        }

        return this;
    }

    // Added tokens are cut out of texts whose spaces are not marked yet.
    private static string WithSpaces(string piece) => piece.Replace(TextNormalizer.SpaceMark, ' ');

    private static bool IsOnly(IReadOnlyList<int> around, int? id) => around.Count == 0 || (around.Count == 1 && around[0] == id);

    // Gemma's own files do not mark these as special (conversion/base.py, does_token_look_special).
    private static bool LooksSpecial(string token) =>
        token is "<pad>" or "<mask>" or "<2mass>" or "[@BOS@]"
        || (token.StartsWith("<|", StringComparison.Ordinal) && token.EndsWith("|>", StringComparison.Ordinal))
        || (token.StartsWith("<unused", StringComparison.Ordinal) && token.EndsWith('>'));

    private void Check(bool condition, string fact)
    {
        if (!condition)
        {
            throw new CheckpointException(parts.Path, $"{fact}, which a GGUF file cannot say");
        }
    }
}
