using System.Text.Json;
using Lapidary.Cli.CommandLine;

namespace Lapidary.Cli.Commands.Texts;

/// <summary>
/// The texts of a data set in JSON: objects one after the other, as in JSONL, or in an array. Of each object the columns that hold text are
/// taken, of messages in them what stands under <c>content</c> and, in its parts, under <c>text</c>.
/// </summary>
internal sealed class JsonTexts(Stream stream, string path)
{
    /// <summary>A text may be so many bytes long and no longer.</summary>
    public const int LongestToken = 64 << 20;

    /// <summary>The columns that hold text.</summary>
    public static readonly string[] Columns = ["text", "messages", "prompt", "completion", "instruction", "context", "response"];

    private readonly List<string> texts = [];
    private JsonReaderState state = new(new JsonReaderOptions { AllowMultipleValues = true, MaxDepth = 64 });
    private byte[] buffer = new byte[1 << 16];
    private int filled;
    private long line = 1;
    private bool hasBegun;
    private bool inArray;
    private bool inRow;
    private bool inColumn;
    private bool takes;

    /// <summary>Reads the texts.</summary>
    /// <exception cref="RequestException">The file is no JSON, or not made of objects.</exception>
    public IEnumerable<string> Read()
    {
        for (bool ends = false; !ends;)
        {
            ends = Fill();
            int consumed = Parse(ends);
            foreach (string text in texts)
            {
                yield return text;
            }

            texts.Clear();
            line += buffer.AsSpan(0, consumed).Count((byte)'\n');
            buffer.AsSpan(consumed, filled - consumed).CopyTo(buffer);
            filled -= consumed;
        }
    }

    // Reads on; true at the end of the file.
    private bool Fill()
    {
        if (filled == buffer.Length)
        {
            if (filled >= LongestToken)
            {
                throw RequestException.Expected($"{path}, line {line}", $"texts of at most {LongestToken >> 20} MiB", "a longer one");
            }

            Array.Resize(ref buffer, filled * 2);
        }

        int read = stream.ReadAtLeast(buffer.AsSpan(filled), buffer.Length - filled, throwOnEndOfStream: false);
        bool ends = read < buffer.Length - filled;
        filled += read;
        if (!hasBegun && buffer.AsSpan(0, filled).StartsWith("\uFEFF"u8))
        {
            filled -= 3;
            buffer.AsSpan(3, filled).CopyTo(buffer);
        }

        hasBegun = true;
        return ends;
    }

    private int Parse(bool ends)
    {
        var reader = new Utf8JsonReader(buffer.AsSpan(0, filled), ends, state);
        try
        {
            while (reader.Read())
            {
                Take(ref reader);
            }
        }
        catch (JsonException thrown)
        {
            throw RequestException.Expected($"{path}, line {thrown.LineNumber + 1}", "JSON", "something else");
        }
        catch (InvalidOperationException)
        {
            throw Wrong(reader, "text that is valid Unicode", "one that is not");
        }

        state = reader.CurrentState;
        return (int)reader.BytesConsumed;
    }

    private void Take(ref Utf8JsonReader reader)
    {
        int depth = inArray ? 1 : 0;
        switch (reader.TokenType)
        {
            case JsonTokenType.StartArray when reader.CurrentDepth == 0:
                inArray = true;
                break;
            case JsonTokenType.EndArray when reader.CurrentDepth == 0:
                inArray = false;
                break;
            case JsonTokenType.StartObject when reader.CurrentDepth == depth:
                inRow = true;
                break;
            case JsonTokenType.EndObject when reader.CurrentDepth == depth:
                inRow = false;
                break;
            case var _ when !inRow:
                throw Wrong(reader, "an object", "another value");
            case JsonTokenType.PropertyName when reader.CurrentDepth == depth + 1:
                inColumn = takes = Array.IndexOf(Columns, reader.GetString()) >= 0;
                break;
            case JsonTokenType.PropertyName:
                takes = inColumn && (reader.ValueTextEquals("content"u8) || reader.ValueTextEquals("text"u8));
                break;
            case JsonTokenType.String when takes:
                texts.Add(reader.GetString()!);
                break;
            default:
                break;
        }
    }

    private RequestException Wrong(in Utf8JsonReader reader, string expected, string found) => RequestException.Expected(
        $"{path}, line {line + buffer.AsSpan(0, (int)reader.TokenStartIndex).Count((byte)'\n')}", expected, found);
}
