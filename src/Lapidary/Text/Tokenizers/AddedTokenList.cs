using System.Text;
using System.Text.Unicode;
using Lapidary.Checkpoints;

namespace Lapidary.Text.Tokenizers;

/// <summary>Reads <c>added_tokens</c> of <c>tokenizer.json</c>. Gemma has 6,415 of them, too many for a document of JSON.</summary>
internal static class AddedTokenList
{
    /// <summary>Reads the array.</summary>
    public static List<AddedToken> Read(ref JsonScanner scanner, string path)
    {
        var tokens = new List<AddedToken>();
        scanner.Take((byte)'[');
        if (scanner.TryTake((byte)']'))
        {
            return tokens;
        }

        do
        {
            tokens.Add(scanner.Peek() == '{'
                ? ReadToken(ref scanner, null, path)
                : throw new CheckpointException(path, "has an added token that is not an object"));
        }
        while (scanner.Continues((byte)']'));
        return tokens;
    }

    /// <summary>Reads one token.</summary>
    /// <param name="scanner">Stands before its object, and afterwards behind it.</param>
    /// <param name="id">The id where the object does not say it.</param>
    /// <param name="path">The file.</param>
    public static AddedToken ReadToken(ref JsonScanner scanner, int? id, string path)
    {
        string? content = null;
        Flags flags = default;
        Flags given = default;
        byte[] buffer = [];
        scanner.Take((byte)'{');
        if (!scanner.TryTake((byte)'}'))
        {
            do
            {
                ReadOnlySpan<byte> name = scanner.TakeString(out _);
                scanner.Take((byte)':');
                if (name.SequenceEqual("id"u8))
                {
                    id = scanner.TakeNumber();
                }
                else if (name.SequenceEqual("content"u8))
                {
                    ReadOnlySpan<byte> text = scanner.TakeText(ref buffer);
                    content = Utf8.IsValid(text) ? Encoding.UTF8.GetString(text) : throw scanner.Fail("found text that is not valid UTF-8");
                }
                else if (FlagOf(name) is Flags flag and not 0)
                {
                    given |= flag;
                    flags = ReadFlag(ref scanner, name, path) ? flags | flag : flags & ~flag;
                }
                else
                {
                    scanner.TakeValue();
                }
            }
            while (scanner.Continues((byte)'}'));
        }

        if (id is null || content is not { Length: > 0 and <= AddedTokenMatcher.LengthLimit })
        {
            throw new CheckpointException(
                path, $"has an added token without an id or without a content of 1 to {AddedTokenMatcher.LengthLimit} characters");
        }

        // As in the reference: what is not special is normalized unless it says otherwise.
        bool special = flags.HasFlag(Flags.Special);
        bool normalized = given.HasFlag(Flags.Normalized) ? flags.HasFlag(Flags.Normalized) : !special;
        return new AddedToken(
            id.Value, content, special, normalized, flags.HasFlag(Flags.Left), flags.HasFlag(Flags.Right), flags.HasFlag(Flags.SingleWord));
    }

    private static Flags FlagOf(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("special"u8) ? Flags.Special
        : name.SequenceEqual("normalized"u8) ? Flags.Normalized
        : name.SequenceEqual("lstrip"u8) ? Flags.Left
        : name.SequenceEqual("rstrip"u8) ? Flags.Right
        : name.SequenceEqual("single_word"u8) ? Flags.SingleWord
        : default;

    private static bool ReadFlag(ref JsonScanner scanner, ReadOnlySpan<byte> name, string path)
    {
        ReadOnlySpan<byte> value = scanner.TakeValue();
        return value.SequenceEqual("true"u8) || (value.SequenceEqual("false"u8)
            ? false
            : throw new CheckpointException(path, $"has an added token whose {Encoding.ASCII.GetString(name)} is neither true nor false"));
    }

    [Flags]
    private enum Flags
    {
        Special = 1,
        Normalized = 2,
        Left = 4,
        Right = 8,
        SingleWord = 16,
    }
}
