using System.Text;
using Lapidary.Text.Tokenizers;

namespace Lapidary.Text;

/// <summary>
/// Turns tokens into text one by one. Text comes out as soon as it is complete and never ends inside a character; what all calls give
/// together is what <see cref="Tokenizer.Decode"/> gives for all tokens.
/// </summary>
public sealed class TokenDecoder
{
    private readonly Tokenizer tokenizer;
    private readonly DecodingRules rules;
    private readonly bool skipSpecial;
    private readonly StringBuilder text = new();

    // Keeps the bytes of a character until its last one is there, and replaces what is no UTF-8.
    private readonly Decoder bytes = Encoding.UTF8.GetDecoder();
    private bool hasBytes;
    private int toStrip;

    internal TokenDecoder(Tokenizer tokenizer, DecodingRules rules, bool skipSpecial)
    {
        this.tokenizer = tokenizer;
        this.rules = rules;
        this.skipSpecial = skipSpecial;
        toStrip = rules.StripsLeft;
    }

    /// <summary>The text that a token completes; empty where it ends inside a character.</summary>
    public string Append(int id)
    {
        text.Clear();
        Append(id, text);
        return text.ToString();
    }

    /// <summary>What is left at the end: U+FFFD if the tokens ended inside a character. The decoder can then be used for another text.</summary>
    public string Flush()
    {
        text.Clear();
        Flush(text);
        return text.ToString();
    }

    /// <summary>Appends the text that a token completes.</summary>
    internal void Append(int id, StringBuilder output)
    {
        ReadOnlySpan<byte> piece = tokenizer.Utf8Of(id);
        if (piece.IsEmpty || (skipSpecial && tokenizer.IsSpecial(id)))
        {
            return;
        }

        if (rules.ByteOf(piece) is int value and >= 0)
        {
            AppendBytes([(byte)value], flush: false, output);
            hasBytes = true;
            return;
        }

        EndBytes(output);
        AppendText(rules.TextOf(piece), output);
    }

    /// <summary>Appends what is left at the end.</summary>
    internal void Flush(StringBuilder output)
    {
        EndBytes(output);
        toStrip = rules.StripsLeft;
    }

    private void EndBytes(StringBuilder output)
    {
        if (hasBytes)
        {
            AppendBytes([], flush: true, output);
            hasBytes = false;
        }
    }

    private void AppendBytes(ReadOnlySpan<byte> more, bool flush, StringBuilder output)
    {
        Span<char> characters = stackalloc char[8];
        AppendText(characters[..bytes.GetChars(more, characters, flush)], output);
    }

    private void AppendText(ReadOnlySpan<char> more, StringBuilder output)
    {
        if (toStrip > 0 && !more.IsEmpty)
        {
            while (toStrip > 0 && !more.IsEmpty && more[0] == rules.Stripped)
            {
                more = more[1..];
                toStrip--;
            }

            // Only the begin of the text is stripped.
            toStrip = more.IsEmpty ? toStrip : 0;
        }

        output.Append(more);
    }
}
