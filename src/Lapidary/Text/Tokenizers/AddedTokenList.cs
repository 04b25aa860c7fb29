using System.Text.Json;
using Lapidary.Checkpoints;

namespace Lapidary.Text.Tokenizers;

/// <summary>
/// Reads <c>added_tokens</c> of <c>tokenizer.json</c>. With a reader and not as a document, because Gemma has 6,415 of them.
/// </summary>
internal static class AddedTokenList
{
    /// <summary>Reads the array.</summary>
    public static List<AddedToken> Read(ReadOnlySpan<byte> json, string path)
    {
        var tokens = new List<AddedToken>();
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 8 });
        try
        {
            reader.Read();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                tokens.Add(reader.TokenType == JsonTokenType.StartObject
                    ? ReadToken(ref reader, null, path)
                    : throw new CheckpointException(path, "has an added token that is not an object"));
            }
        }
        catch (JsonException thrown)
        {
            throw new CheckpointException(path, $"has added_tokens that cannot be read: it {JsonFile.NotJson(thrown)}", thrown);
        }
        catch (InvalidOperationException thrown)
        {
            throw new CheckpointException(path, "has an added token that is not valid Unicode", thrown);
        }

        return tokens;
    }

    /// <summary>Reads one token; the reader stands at the begin of its object, and afterwards at its end.</summary>
    /// <param name="reader">The reader.</param>
    /// <param name="id">The id where the object does not say it.</param>
    /// <param name="path">The file.</param>
    public static AddedToken ReadToken(ref Utf8JsonReader reader, int? id, string path)
    {
        string? content = null;
        bool? special = null;
        bool? normalized = null;
        bool? left = null;
        bool? right = null;
        bool? single = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            // Compared as bytes: names need no strings.
            if (reader.ValueTextEquals("id"u8))
            {
                reader.Read();
                id = reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out int number) && number >= 0
                    ? number
                    : throw new CheckpointException(path, "has an added token whose id is not a whole number from 0 to 2147483647");
            }
            else if (reader.ValueTextEquals("content"u8))
            {
                reader.Read();
                content = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
            }
            else if (!ReadFlag(ref reader, "special"u8, ref special, path) && !ReadFlag(ref reader, "normalized"u8, ref normalized, path)
                && !ReadFlag(ref reader, "lstrip"u8, ref left, path) && !ReadFlag(ref reader, "rstrip"u8, ref right, path)
                && !ReadFlag(ref reader, "single_word"u8, ref single, path))
            {
                reader.Skip();
            }
        }

        if (id is null || content is not { Length: > 0 and <= AddedTokenMatcher.LengthLimit })
        {
            throw new CheckpointException(
                path, $"has an added token without an id or without a content of 1 to {AddedTokenMatcher.LengthLimit} characters");
        }

        bool isSpecial = special ?? false;
        return new AddedToken(id.Value, content, isSpecial, normalized ?? !isSpecial, left ?? false, right ?? false, single ?? false);
    }

    private static bool ReadFlag(ref Utf8JsonReader reader, ReadOnlySpan<byte> name, ref bool? value, string path)
    {
        if (!reader.ValueTextEquals(name))
        {
            return false;
        }

        reader.Read();
        value = reader.TokenType is JsonTokenType.True or JsonTokenType.False
            ? reader.GetBoolean()
            : throw new CheckpointException(path, $"has an added token whose {System.Text.Encoding.ASCII.GetString(name)} is neither true nor false");
        return true;
    }
}
