using System.Buffers.Binary;
using Lapidary.Checkpoints;

namespace Lapidary.Text.Tokenizers;

/// <summary>
/// Reads the vocabulary in the metadata of a GGUF file, with the rules of llama.cpp (src/llama-vocab.cpp): <c>llama</c> is SentencePiece BPE, which
/// Gemma 1 to 3n have there, and <c>gemma4</c> is BPE with listed merges.
/// </summary>
internal sealed class GgufTokenizer
{
    private const string Prefix = "tokenizer.ggml.";

    private readonly GgufFile file;

    private GgufTokenizer(GgufFile file)
    {
        this.file = file;
    }

    /// <summary>Reads the tokenizer of a file.</summary>
    /// <exception cref="CheckpointException">The file cannot be read, has no tokenizer, or one of another kind.</exception>
    public static TokenizerParts Read(string path)
    {
        using GgufFile file = GgufFile.Open(path);
        return new GgufTokenizer(file).Build();
    }

    /// <summary>Whether a file has a tokenizer; false if it cannot be read.</summary>
    public static bool IsIn(string path)
    {
        try
        {
            using GgufFile file = GgufFile.Open(path);
            return file.Metadata.ContainsKey(Prefix + "tokens");
        }
        catch (CheckpointException)
        {
            return false;
        }
    }

    private TokenizerParts Build()
    {
        string kind = Value("model")?.ToText() ?? throw new CheckpointException(file.Path, "has no tokenizer.ggml.model, so no tokenizer");
        if (kind is not ("llama" or "gemma4"))
        {
            throw new CheckpointException(
                file.Path, $"has a tokenizer of the kind \"{kind}\" where \"llama\" or \"gemma4\" was expected; no Gemma model has another");
        }

        bool isListed = kind == "gemma4";
        ScoredVocabulary vocabulary = ReadPieces(isListed);
        PieceTable pieces = vocabulary.Finish();
        int? unknown = Id("unknown_token_id", pieces.Count);
        int? bos = Id("bos_token_id", pieces.Count);
        int? eos = Id("eos_token_id", pieces.Count);

        // llama.cpp's defaults, and its correction for files of Gemma 4 that say otherwise.
        bool addsPrefix = Value("add_space_prefix")?.ToBoolean() ?? !isListed;
        bool addsBos = isListed || (Value("add_bos_token")?.ToBoolean() ?? true);
        bool addsEos = Value("add_eos_token")?.ToBoolean() ?? false;
        return new TokenizerParts
        {
            Kind = isListed ? "BPE (GGUF, gemma4)" : "SentencePiece BPE (GGUF, llama)",
            Path = file.Path,
            Model = new BpeModel(pieces, isListed ? ReadMerges(pieces) : null, isListed ? null : vocabulary.Scores, vocabulary.Kinds)
            {
                ByteFallback = true,
                FuseUnknown = true,
                UnknownId = unknown,
                KeepsNewlineRuns = isListed,
            },
            Normalizer = TextNormalizer.OfSentencePiece(addsPrefix, escapesSpaces: true),
            Splitter = isListed ? new TextSplitter("\n", SplitBehavior.Contiguous) : null,
            Decoding = DecodingRules.OfSentencePiece(addsPrefix),
            AddedTokens = vocabulary.AddedTokens(normalized: false),
            Prefix = addsBos && bos is int first ? [first] : [],
            Suffix = addsEos && eos is int last ? [last] : [],
            BosId = bos,
            EosId = eos,
            PadId = Id("padding_token_id", pieces.Count),
            UnknownId = unknown,
        };
    }

    private ScoredVocabulary ReadPieces(bool isListed)
    {
        GgufValue tokens = Texts("tokens");
        float[] scores = Value("scores") is GgufValue stored ? stored.ToSingles()
            : isListed ? []
            : throw new CheckpointException(file.Path, "has no tokenizer.ggml.scores, without which its merges have no order");
        long[] kinds = Value("token_type")?.ToInt64s() ?? [];
        Check(scores.Length, "scores", tokens.Count, isListed);
        Check(kinds.Length, "token_type", tokens.Count, mayLack: true);
        ReadOnlySpan<byte> content = tokens.Content.Span;
        var vocabulary = new ScoredVocabulary(file.Path, tokens.Count, content.Length);
        for (int id = 0; id < tokens.Count; id++)
        {
            // Type 0, "undefined", is what some converters write for plain pieces.
            long kind = kinds.Length == 0 || kinds[id] == 0 ? (long)PieceKind.Normal : kinds[id];
            vocabulary.Add(Next(ref content), scores.Length == 0 ? 0 : scores[id], kind);
        }

        return vocabulary;
    }

    private void Check(int length, string name, int expected, bool mayLack)
    {
        if (length != expected && !(mayLack && length == 0))
        {
            throw new CheckpointException(
                file.Path, $"has {length} values in {Prefix}{name} and {expected} in {Prefix}tokens, which should be as many");
        }
    }

    private MergeTable ReadMerges(PieceTable pieces)
    {
        GgufValue merges = Texts("merges");
        ReadOnlySpan<byte> content = merges.Content.Span;
        var list = new MergeList(file.Path, pieces, content.Length);
        for (int i = 0; i < merges.Count; i++)
        {
            list.Add(Next(ref content));
        }

        return list.ToTable();
    }

    private GgufValue Texts(string name)
    {
        GgufValue value = Value(name) ?? throw new CheckpointException(file.Path, $"has no {Prefix}{name}");
        return value.IsArray && value.ElementType == GgufValueType.String
            ? value
            : throw new CheckpointException(file.Path, $"has a {Prefix}{name} that is not an array of texts");
    }

    private GgufValue? Value(string name) => file.Metadata.GetValueOrDefault(Prefix + name);

    private int? Id(string name, int count)
    {
        if (Value(name) is not GgufValue value)
        {
            return null;
        }

        long id = value.ToInt64();
        return id >= 0 && id < count
            ? (int)id
            : throw new CheckpointException(file.Path, $"gives {id} as {Prefix}{name} where ids below {count} were expected");
    }

    // The lengths were checked when the file was opened.
    private static ReadOnlySpan<byte> Next(ref ReadOnlySpan<byte> content)
    {
        int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(content);
        ReadOnlySpan<byte> text = content.Slice(8, length);
        content = content[(8 + length)..];
        return text;
    }
}
