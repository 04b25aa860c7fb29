using System.Text;
using Lapidary.Cli.CommandLine;

namespace Lapidary.Cli.Commands.Texts;

/// <summary>A text file in parts that end with a line, or before a space where a line is longer than a part.</summary>
internal static class PlainTexts
{
    private const int PartLength = 1 << 16;

    /// <summary>Reads the parts.</summary>
    /// <exception cref="RequestException">The file is no UTF-8.</exception>
    public static IEnumerable<string> Read(Stream stream, string path)
    {
        var encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
        using var reader = new StreamReader(stream, encoding, detectEncodingFromByteOrderMarks: false, 1 << 16, leaveOpen: true);
        var part = new char[PartLength];
        int filled = 0;
        bool first = true;
        while (true)
        {
            filled += Fill(reader, part.AsMemory(filled), path);
            if (filled == 0)
            {
                yield break;
            }

            int start = first && part[0] == '\uFEFF' ? 1 : 0;
            first = false;
            bool ends = filled < part.Length;
            int cut = ends ? filled : Cut(part);
            if (cut > start)
            {
                yield return new string(part, start, cut - start);
            }

            if (ends)
            {
                yield break;
            }

            part.AsSpan(cut, filled - cut).CopyTo(part);
            filled -= cut;
        }
    }

    private static int Fill(StreamReader reader, Memory<char> part, string path)
    {
        try
        {
            return reader.ReadBlock(part.Span);
        }
        catch (DecoderFallbackException)
        {
            throw RequestException.Expected(path, "text in UTF-8", "bytes that are none");
        }
    }

    private static int Cut(ReadOnlySpan<char> part)
    {
        if (part.LastIndexOf('\n') is int line and >= 0)
        {
            return line + 1;
        }

        // Not within a run of spaces, which is counted as one.
        for (int at = part.Length - 1; at > 0; at--)
        {
            if (part[at] == ' ' && part[at - 1] != ' ')
            {
                return at;
            }
        }

        return char.IsHighSurrogate(part[^1]) ? part.Length - 1 : part.Length;
    }
}
