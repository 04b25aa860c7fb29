using System.Globalization;
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
    /// <exception cref="CheckpointException">The file is not valid.</exception>
    /// <param name="folder">The folder.</param>
    /// <param name="withAddedTokens">Whether the added tokens are wanted, which is so where the tokenizer itself cannot name them.</param>
    public static TokenizerSettings Read(string folder, bool withAddedTokens = false)
    {
        var settings = new TokenizerSettings { withAddedTokens = withAddedTokens };
        string path = System.IO.Path.Combine(folder, "tokenizer_config.json");
        if (File.Exists(path))
        {
            settings.Parse(InputFile.Read(path, SizeLimit), path);
        }

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

    // With a reader and not as a document: the file repeats all added tokens, a megabyte that is of no interest here.
    private void Parse(ReadOnlySpan<byte> json, string path)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 32 });
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                throw new CheckpointException(path, "does not hold a JSON object");
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                string name = reader.GetString()!;
                reader.Read();
                ReadSetting(ref reader, name, path);
            }

            reader.Read();
        }
        catch (JsonException thrown)
        {
            throw new CheckpointException(path, JsonFile.NotJson(thrown), thrown);
        }
        catch (InvalidOperationException thrown)
        {
            throw new CheckpointException(path, "holds text that is not valid Unicode", thrown);
        }
    }

    private void ReadSetting(ref Utf8JsonReader reader, string name, string path)
    {
        switch (name)
        {
            case "bos_token" or "eos_token" or "pad_token" or "unk_token":
                if (ReadToken(ref reader, name, path) is string token)
                {
                    tokens[name] = token;
                }

                break;
            case "add_bos_token":
                addsBos = ReadFlag(ref reader, name, path);
                break;
            case "add_eos_token":
                addsEos = ReadFlag(ref reader, name, path);
                break;
            case "added_tokens_decoder" when withAddedTokens && reader.TokenType == JsonTokenType.StartObject:
                ReadAddedTokens(ref reader, path);
                break;
            default:
                reader.Skip();
                break;
        }
    }

    private void ReadAddedTokens(ref Utf8JsonReader reader, string path)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            if (!int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int id) || !reader.Read()
                || reader.TokenType != JsonTokenType.StartObject)
            {
                throw new CheckpointException(path, "has an added_tokens_decoder that is not objects by id");
            }

            addedTokens.Add(AddedTokenList.ReadToken(ref reader, id, path));
        }
    }

    private static bool? ReadFlag(ref Utf8JsonReader reader, string name, string path) => reader.TokenType switch
    {
        JsonTokenType.True => true,
        JsonTokenType.False => false,
        JsonTokenType.Null => null,
        _ => throw new CheckpointException(path, $"has a {name} that is neither true nor false"),
    };

    // A text, or the object of an added token.
    private static string? ReadToken(ref Utf8JsonReader reader, string name, string path)
    {
        string? text = null;
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                return null;
            case JsonTokenType.String:
                return reader.GetString();
            case JsonTokenType.StartObject:
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    bool isContent = reader.ValueTextEquals("content"u8);
                    reader.Read();
                    if (isContent && reader.TokenType == JsonTokenType.String)
                    {
                        text = reader.GetString();
                    }
                    else
                    {
                        reader.Skip();
                    }
                }

                break;
            default:
                break;
        }

        return text ?? throw new CheckpointException(path, $"has a {name} that is neither a text nor an added token");
    }
}
