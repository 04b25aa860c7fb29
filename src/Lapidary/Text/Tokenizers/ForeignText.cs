using System.Text;

namespace Lapidary.Text.Tokenizers;

/// <summary>Text of a file inside a sentence of ours: of bounded length and on one line.</summary>
internal static class ForeignText
{
    private const int Longest = 60;

    /// <summary>The begin of a text, with control characters as escapes.</summary>
    public static string Show(string text)
    {
        var shown = new StringBuilder();
        foreach (char character in text.AsSpan(0, Math.Min(text.Length, Longest)))
        {
            _ = char.IsControl(character) || character is '\u2028' or '\u2029'
                ? shown.Append($"\\u{(int)character:x4}")
                : shown.Append(character);
        }

        return text.Length > Longest ? shown.Append("...").ToString() : shown.ToString();
    }

    /// <summary>The begin of a text in UTF-8.</summary>
    public static string Show(ReadOnlySpan<byte> utf8) => Show(Encoding.UTF8.GetString(utf8[..Math.Min(utf8.Length, 4 * Longest)]));
}
