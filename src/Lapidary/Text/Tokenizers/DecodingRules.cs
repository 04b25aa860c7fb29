using System.Text;

namespace Lapidary.Text.Tokenizers;

/// <summary>How pieces become text again.</summary>
/// <param name="Replacements">What is replaced in each piece, in this order.</param>
/// <param name="JoinsBytes">Whether pieces such as <c>&lt;0xAB&gt;</c> are bytes.</param>
/// <param name="StripsLeft">How many of <paramref name="Stripped"/> the text may begin with that are left out.</param>
/// <param name="Stripped">What is left out.</param>
internal sealed record DecodingRules(
    IReadOnlyList<TextNormalizer.Step> Replacements, bool JoinsBytes, int StripsLeft = 0, char Stripped = ' ')
{
    /// <summary>SentencePiece's.</summary>
    /// <param name="hasPrefix">Whether encoding puts a space in front.</param>
    public static DecodingRules OfSentencePiece(bool hasPrefix) =>
        new([new TextNormalizer.Step(TextNormalizer.SpaceMark.ToString(), " ")], JoinsBytes: true, hasPrefix ? 1 : 0);

    /// <summary>The byte that a piece stands for, or -1.</summary>
    public int ByteOf(ReadOnlySpan<byte> piece)
    {
        if (!JoinsBytes || piece.Length != 6 || !piece.StartsWith("<0x"u8) || piece[5] != '>')
        {
            return -1;
        }

        int high = Digit(piece[3]);
        int low = Digit(piece[4]);
        return (high | low) < 0 ? -1 : (high << 4) | low;
    }

    /// <summary>The text of a piece.</summary>
    public string TextOf(ReadOnlySpan<byte> piece)
    {
        string text = Encoding.UTF8.GetString(piece);
        foreach (TextNormalizer.Step step in Replacements)
        {
            text = text.Replace(step.Pattern, step.Content, StringComparison.Ordinal);
        }

        return text;
    }

    private static int Digit(byte character) => char.IsAsciiHexDigit((char)character) ? (character & 0xF) + (character > (byte)'9' ? 9 : 0) : -1;
}
