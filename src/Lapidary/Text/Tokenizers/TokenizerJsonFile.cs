using System.Text;
using System.Text.Json;
using Lapidary.Checkpoints;
using Lapidary.Numerics.Memory;

namespace Lapidary.Text.Tokenizers;

/// <summary>
/// Reads <c>tokenizer.json</c> of Hugging Face's tokenizers, as far as a generation of Gemma uses it: BPE with byte fallback. Everything
/// else is refused by name, because a tokenizer that is nearly right gives wrong text without a word.
/// </summary>
internal sealed class TokenizerJsonFile
{
    private const long SizeLimit = 512L << 20;

    private readonly string path;
    private readonly Dictionary<string, JsonElement> fields = new(StringComparer.Ordinal);
    private VocabularySection? vocabulary;
    private IReadOnlyList<AddedToken> added = [];

    private TokenizerJsonFile(string path)
    {
        this.path = path;
    }

    /// <summary>Reads a file and the settings beside it.</summary>
    /// <exception cref="CheckpointException">The file cannot be read, is not valid, or is a tokenizer of another kind.</exception>
    public static TokenizerParts Read(string path, TokenizerSettings settings)
    {
        using MappedFile map = InputFile.Map(path);
        if (map.ByteLength > SizeLimit)
        {
            throw new CheckpointException(path, $"has {map.ByteLength} bytes where at most {SizeLimit} were expected");
        }

        return Read(map.Slice(0, (int)map.ByteLength), path, settings);
    }

    /// <summary>Reads the content of a file.</summary>
    public static TokenizerParts Read(ReadOnlySpan<byte> json, string path, TokenizerSettings settings)
    {
        var file = new TokenizerJsonFile(path);
        file.ReadFields(json);
        return file.Build(settings);
    }

    private void ReadFields(ReadOnlySpan<byte> json)
    {
        if (json.IsEmpty)
        {
            throw new CheckpointException(path, "is empty where the JSON of a tokenizer was expected");
        }

        var scanner = new JsonScanner(json, path);
        ReadObject(ref scanner, json, inModel: false);
        if (scanner.Peek() != 0 || scanner.Position < json.Length)
        {
            throw scanner.Fail("found something after the end");
        }
    }

    // The file is one object; its member "model" is another, whose two large members never become a JsonElement.
    private void ReadObject(ref JsonScanner scanner, ReadOnlySpan<byte> json, bool inModel)
    {
        scanner.Take((byte)'{');
        if (scanner.TryTake((byte)'}'))
        {
            return;
        }

        byte[] buffer = [];
        var seen = new HashSet<string>(StringComparer.Ordinal);
        do
        {
            string name = Encoding.UTF8.GetString(scanner.TakeText(ref buffer));
            scanner.Take((byte)':');
            if (!seen.Add(name))
            {
                throw new CheckpointException(path, $"has the key \"{Shorten(name)}\" twice in one object");
            }

            if (inModel && name is "vocab" or "merges" && scanner.Peek() is (byte)'{' or (byte)'[')
            {
                vocabulary ??= new VocabularySection(path);
                vocabulary.Read(ref scanner, json, name);
            }
            else if (!inModel && name == "model" && scanner.Peek() == '{')
            {
                ReadObject(ref scanner, json, inModel: true);
            }
            else if (!inModel && name == "added_tokens" && scanner.Peek() == '[')
            {
                added = AddedTokenList.Read(scanner.TakeValue(), path);
            }
            else
            {
                fields[inModel ? "model." + name : name] = Parse(scanner.TakeValue(), name);
            }
        }
        while (scanner.Continues((byte)'}'));
    }

    private JsonElement Parse(ReadOnlySpan<byte> value, string name)
    {
        // In an object, so that the same reader that reads every other JSON file checks it.
        byte[] wrapped = [.. "{\"value\":"u8, .. value, .. "}"u8];
        try
        {
            return JsonFile.ParseObject(wrapped, path).GetProperty("value");
        }
        catch (CheckpointException thrown)
        {
            throw new CheckpointException(path, $"has a {Shorten(name)} that cannot be read: it {thrown.Fact}", thrown);
        }
    }

    private TokenizerParts Build(TokenizerSettings settings)
    {
        var model = new TokenizerFields(path, "model", fields, "model.");
        if (vocabulary is null && model.Text("type") is null)
        {
            throw new CheckpointException(path, "has no model with a type and a vocab, so it is no tokenizer");
        }

        model.Require("type", "BPE");
        model.RequireNone("continuing_subword_prefix");
        model.RequireNone("end_of_word_suffix");
        model.RequireNone("dropout");
        if (vocabulary is not { IsComplete: true })
        {
            throw new CheckpointException(path, "has a model without vocab or without merges");
        }

        var root = new TokenizerFields(path, "tokenizer", fields, string.Empty);
        vocabulary.Add(added);
        PieceTable pieces = vocabulary.Finish();
        int? unknown = model.Text("unk_token") is string text ? Find(pieces, text, "unk_token") : null;
        var kinds = new PieceKind[pieces.Count];
        Array.Fill(kinds, PieceKind.Normal);
        foreach (AddedToken token in added)
        {
            kinds[token.Id] = token.Special ? PieceKind.Control : PieceKind.UserDefined;
        }

        (int[] prefix, int[] suffix) = TokenizerSteps.Template(root, pieces);
        var bpe = new BpeModel(pieces, vocabulary.Merges, scores: null, kinds)
        {
            ByteFallback = model.Flag("byte_fallback"),
            IgnoreMerges = model.Flag("ignore_merges"),
            FuseUnknown = model.Flag("fuse_unk"),
            UnknownId = unknown,
        };
        var parts = new TokenizerParts
        {
            Kind = "BPE (tokenizer.json)",
            Path = path,
            Model = bpe,
            Normalizer = TokenizerSteps.Normalizer(root),
            Splitter = TokenizerSteps.Splitter(root),
            Decoding = TokenizerSteps.Decoding(root),
            AddedTokens = added,
            Prefix = prefix,
            Suffix = suffix,
            UnknownId = unknown,
        };
        return settings.Apply(parts);
    }

    private int Find(PieceTable pieces, string text, string field) => pieces.Find(Encoding.UTF8.GetBytes(text)) is int id and >= 0
        ? id
        : throw new CheckpointException(path, $"gives \"{Shorten(text)}\" as {field}, which is not in the vocabulary");

    private static string Shorten(string text) => text.Length <= 60 ? text : string.Concat(text.AsSpan(0, 60), "...");
}
