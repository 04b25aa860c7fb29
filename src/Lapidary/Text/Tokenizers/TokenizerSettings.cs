using System.Text;
using System.Text.Json;
using Lapidary.Checkpoints;

namespace Lapidary.Text.Tokenizers;

/// <summary>What <c>tokenizer_config.json</c> says beside a tokenizer: which pieces begin, end and fill a text.</summary>
internal sealed class TokenizerSettings
{
    private const long SizeLimit = 64L << 20;

    private readonly Dictionary<string, string> tokens = new(StringComparer.Ordinal);
    private bool? addsBos;
    private bool? addsEos;

    /// <summary>Reads the file in a folder, if it is there.</summary>
    /// <exception cref="CheckpointException">The file is not valid.</exception>
    public static TokenizerSettings Read(string folder)
    {
        var settings = new TokenizerSettings();
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
        int? bos = Find(parts, "bos_token", "<bos>");
        int? eos = Find(parts, "eos_token", "<eos>");
        return parts with
        {
            BosId = bos,
            EosId = eos,
            PadId = Find(parts, "pad_token", "<pad>"),
            UnknownId = Find(parts, "unk_token", null) ?? parts.UnknownId,
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

    private int? Find(TokenizerParts parts, string name, string? usual)
    {
        string? text = tokens.GetValueOrDefault(name, usual!);
        return text is not null && parts.Model.Vocabulary.Find(Encoding.UTF8.GetBytes(text)) is int id and >= 0 ? id : null;
    }

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
            default:
                reader.Skip();
                break;
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
