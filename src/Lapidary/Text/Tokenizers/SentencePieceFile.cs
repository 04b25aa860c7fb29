using Lapidary.Checkpoints;

namespace Lapidary.Text.Tokenizers;

/// <summary>
/// Reads <c>tokenizer.model</c>: a SentencePiece model of type BPE (sentencepiece_model.proto). What the Gemma models leave off (another
/// normalization, white space as a suffix) is refused by name.
/// </summary>
internal sealed class SentencePieceFile
{
    private const long SizeLimit = 256L << 20;
    private const int BytePairModel = 2;

    private readonly string path;
    private readonly ScoredVocabulary vocabulary;
    private (long Unknown, long Bos, long Eos, long Pad) ids = (0, 1, 2, -1);
    private long modelType = 1;
    private bool byteFallback;
    private bool addsPrefix = true;
    private bool escapesSpaces = true;

    private SentencePieceFile(string path, int length)
    {
        this.path = path;
        vocabulary = new ScoredVocabulary(path, Math.Min(length / 16, 1 << 18) + 16, Math.Min(length, 1 << 22));
    }

    /// <summary>Reads a file and the settings beside it.</summary>
    /// <exception cref="CheckpointException">The file cannot be read, is not valid, or is a model of another kind.</exception>
    public static TokenizerParts Read(string path, TokenizerSettings settings) =>
        Read(InputFile.Read(path, SizeLimit), path, settings);

    /// <summary>Reads the content of a file.</summary>
    public static TokenizerParts Read(ReadOnlySpan<byte> content, string path, TokenizerSettings settings)
    {
        var file = new SentencePieceFile(path, content.Length);
        file.ReadModel(content);
        return file.Build(settings);
    }

    private void ReadModel(ReadOnlySpan<byte> content)
    {
        if (content.IsEmpty)
        {
            throw new CheckpointException(path, "is empty where a SentencePiece model was expected");
        }

        var reader = new ProtobufReader(content, path);
        while (reader.TryNext())
        {
            switch (reader.Field)
            {
                case 1:
                    ReadPiece(reader.TakeBytes());
                    break;
                case 2:
                    ReadTrainer(reader.TakeBytes());
                    break;
                case 3:
                    ReadNormalizer(reader.TakeBytes());
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
    }

    private void ReadPiece(ReadOnlySpan<byte> message)
    {
        var reader = new ProtobufReader(message, path);
        ReadOnlySpan<byte> piece = default;
        float score = 0;
        long kind = (long)PieceKind.Normal;
        while (reader.TryNext())
        {
            switch (reader.Field)
            {
                case 1:
                    piece = reader.TakeBytes();
                    break;
                case 2:
                    score = reader.TakeSingle();
                    break;
                case 3:
                    kind = reader.TakeNumber();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        if (kind == (long)PieceKind.Unused)
        {
            throw new CheckpointException(path, $"marks the piece with the id {vocabulary.Count} as unused, which no Gemma tokenizer does");
        }

        vocabulary.Add(piece, score, kind);
    }

    private void ReadTrainer(ReadOnlySpan<byte> message)
    {
        var reader = new ProtobufReader(message, path);
        while (reader.TryNext())
        {
            switch (reader.Field)
            {
                case 3:
                    modelType = reader.TakeNumber();
                    break;
                case 24 when reader.TakeNumber() != 0:
                    throw new CheckpointException(path, "treats white space as a suffix, which is not supported");
                case 24:
                    break;
                case 35:
                    byteFallback = reader.TakeNumber() != 0;
                    break;
                case 40:
                    ids.Unknown = reader.TakeNumber();
                    break;
                case 41:
                    ids.Bos = reader.TakeNumber();
                    break;
                case 42:
                    ids.Eos = reader.TakeNumber();
                    break;
                case 43:
                    ids.Pad = reader.TakeNumber();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
    }

    private void ReadNormalizer(ReadOnlySpan<byte> message)
    {
        // Defaults of the format, where the message is there.
        bool removesSpaces = true;
        int rules = 0;
        var reader = new ProtobufReader(message, path);
        while (reader.TryNext())
        {
            switch (reader.Field)
            {
                case 2 or 6:
                    rules += reader.TakeBytes().Length;
                    break;
                case 3:
                    addsPrefix = reader.TakeNumber() != 0;
                    break;
                case 4:
                    removesSpaces = reader.TakeNumber() != 0;
                    break;
                case 5:
                    escapesSpaces = reader.TakeNumber() != 0;
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        if (removesSpaces || rules > 0)
        {
            throw new CheckpointException(
                path, "normalizes text (by rules, or by removing white space), which no Gemma tokenizer does and which is not supported");
        }
    }

    private TokenizerParts Build(TokenizerSettings settings)
    {
        if (modelType != BytePairModel)
        {
            throw new CheckpointException(
                path, $"is a SentencePiece model of type {modelType} (1 is Unigram) where 2, byte-pair encoding, was expected");
        }

        foreach (AddedToken token in settings.AddedTokens.OrderBy(token => token.Id))
        {
            vocabulary.Add(token);
        }

        PieceTable pieces = vocabulary.Finish();
        int? unknown = IdOf(ids.Unknown, "unk_id");
        int? bos = IdOf(ids.Bos, "bos_id");
        var model = new BpeModel(pieces, merges: null, vocabulary.Scores, vocabulary.Kinds)
        {
            ByteFallback = byteFallback,
            FuseUnknown = true,
            UnknownId = unknown,
        };
        return settings.Apply(new TokenizerParts
        {
            Kind = "SentencePiece BPE (tokenizer.model)",
            Path = path,
            Model = model,
            Normalizer = TextNormalizer.OfSentencePiece(addsPrefix, escapesSpaces),
            Decoding = DecodingRules.OfSentencePiece(addsPrefix),
            AddedTokens = vocabulary.AddedTokens(normalized: true),

            // transformers adds it for Gemma unless the settings say otherwise.
            Prefix = bos is int id ? [id] : [],
            BosId = bos,
            EosId = IdOf(ids.Eos, "eos_id"),
            PadId = IdOf(ids.Pad, "pad_id"),
            UnknownId = unknown,
        });
    }

    private int? IdOf(long id, string name) => id < 0 ? null
        : id < vocabulary.Count ? (int)id
        : throw new CheckpointException(path, $"gives {id} as {name} where ids below {vocabulary.Count} were expected");
}
