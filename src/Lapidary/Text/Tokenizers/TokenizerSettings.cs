using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Lapidary.Checkpoints;

namespace Lapidary.Text.Tokenizers;

/// <summary>What <c>tokenizer_config.json</c> says beside a tokenizer: which pieces begin, end and fill a text.</summary>
internal sealed class TokenizerSettings
{
    private const long SizeLimit = 64L << 20;

    private readonly Dictionary<string, string> tokens = new(StringComparer.Ordinal);
    private readonly List<AddedToken> addedTokens = [];
    private bool withAddedTokens;
    private bool? addsBos;
    private bool? addsEos;

    /// <summary>The added tokens, if they were asked for.</summary>
    public IReadOnlyList<AddedToken> AddedTokens => addedTokens;

    /// <summary>Reads the file in a folder, if it is there.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="withAddedTokens">Whether the added tokens are wanted, which is so where the tokenizer itself cannot name them.</param>
    /// <exception cref="CheckpointException">The file is not valid.</exception>
    public static TokenizerSettings Read(string folder, bool withAddedTokens = false)
    {
        string path = System.IO.Path.Combine(folder, "tokenizer_config.json");
        return File.Exists(path) ? Parse(InputFile.Read(path, SizeLimit), path, withAddedTokens) : new TokenizerSettings();
    }

    /// <summary>Reads the content of a file.</summary>
    public static TokenizerSettings Parse(ReadOnlySpan<byte> json, string path, bool withAddedTokens)
    {
        var settings = new TokenizerSettings { withAddedTokens = withAddedTokens };
        settings.Parse(json, path);
        return settings;
    }

    /// <summary>Adds to a tokenizer what the settings say.</summary>
    public TokenizerParts Apply(TokenizerParts parts)
    {
        int? bos = Find(parts, "bos_token") ?? parts.BosId ?? Find(parts, "<bos>"u8);
        int? eos = Find(parts, "eos_token") ?? parts.EosId ?? Find(parts, "<eos>"u8);
        return parts with
        {
            BosId = bos,
            EosId = eos,
            PadId = Find(parts, "pad_token") ?? parts.PadId ?? Find(parts, "<pad>"u8),
            UnknownId = Find(parts, "unk_token") ?? parts.UnknownId,
            Prefix = Override(parts.Prefix, addsBos, bos),
            Suffix = Override(parts.Suffix, addsEos, eos),
        };
    }

    // add_bos_token and add_eos_token win over the template, as in transformers.
    private static IReadOnlyList<int> Override(IReadOnlyList<int> template, bool? adds, int? id) => adds switch
    {
        true when id is int known => [known],
        false => [],
        _ => template,
    };

    private int? Find(TokenizerParts parts, string name) =>
        tokens.TryGetValue(name, out string? text) ? Find(parts, Encoding.UTF8.GetBytes(text)) : null;

    private static int? Find(TokenizerParts parts, ReadOnlySpan<byte> piece) =>
        parts.Model.Vocabulary.Find(piece) is int id and >= 0 ? id : null;

    // The file repeats all added tokens, a megabyte that is passed over in most cases.
    private void Parse(ReadOnlySpan<byte> json, string path)
    {
        var scanner = new JsonScanner(json, path);
        scanner.Take((byte)'{');
        if (!scanner.TryTake((byte)'}'))
        {
            byte[] buffer = [];
            do
            {
                string name = Encoding.UTF8.GetString(scanner.TakeText(ref buffer));
                scanner.Take((byte)':');
                ReadSetting(ref scanner, name, path);
            }
            while (scanner.Continues((byte)'}'));
        }

        if (scanner.Peek() != 0 || scanner.Position < json.Length)
        {
            throw scanner.Fail("found something after the end");
        }
    }

    private void ReadSetting(ref JsonScanner scanner, string name, string path)
    {
        switch (name)
        {
            case "bos_token" or "eos_token" or "pad_token" or "unk_token":
                if (ReadToken(scanner.TakeValue(), name, path) is string token)
                {
                    tokens[name] = token;
                }

                break;
            case "add_bos_token":
                addsBos = ReadFlag(scanner.TakeValue(), name, path);
                break;
            case "add_eos_token":
                addsEos = ReadFlag(scanner.TakeValue(), name, path);
                break;
            case "added_tokens_decoder" when withAddedTokens && scanner.Peek() == '{':
                ReadAddedTokens(ref scanner, path);
                break;
            default:
                scanner.TakeValue();
                break;
        }
    }

    private void ReadAddedTokens(ref JsonScanner scanner, string path)
    {
        scanner.Take((byte)'{');
        if (scanner.TryTake((byte)'}'))
        {
            return;
        }

        do
        {
            if (!Utf8Parser.TryParse(scanner.TakeString(out _), out int id, out _) || id < 0)
            {
                throw new CheckpointException(path, "has an added_tokens_decoder that is not objects by id");
            }

            scanner.Take((byte)':');
            addedTokens.Add(AddedTokenList.ReadToken(ref scanner, id, path));
        }
        while (scanner.Continues((byte)'}'));
    }

    private static bool? ReadFlag(ReadOnlySpan<byte> value, string name, string path) =>
        value.SequenceEqual("true"u8) ? true
        : value.SequenceEqual("false"u8) ? false
        : value.SequenceEqual("null"u8) ? null
        : throw new CheckpointException(path, $"has a {name} that is neither true nor false");

    // A text, or the object of an added token.
    private static string? ReadToken(ReadOnlySpan<byte> value, string name, string path)
    {
        JsonElement token = JsonFile.ParseObject((byte[])[.. "{\"token\":"u8, .. value, .. "}"u8], path).GetProperty("token");
        JsonElement content = token.ValueKind == JsonValueKind.Object && token.TryGetProperty("content", out JsonElement inner) ? inner : token;
        return content.ValueKind switch
        {
            JsonValueKind.String => content.GetString(),
            JsonValueKind.Null => null,
            _ => throw new CheckpointException(path, $"has a {name} that is neither a text nor an added token"),
        };
    }
}
