namespace Lapidary.Text.Data.Files;

/// <summary>The lines of a file, without what ends them. Memory is bounded however long a line is.</summary>
internal sealed class LineReader(ByteSource source)
{
    private readonly RowBuffer buffer = new();

    /// <summary>The number of the line, from 1.</summary>
    public int Line { get; private set; }

    /// <summary>The bytes of the line, valid until the next one is read.</summary>
    public ReadOnlySpan<byte> Bytes => buffer.Bytes.EndsWith((byte)'\r') ? buffer.Bytes[..^1] : buffer.Bytes;

    /// <summary>Whether the line is longer than a row may be and its bytes are not all there.</summary>
    public bool IsTooLong => buffer.IsTooLong;

    /// <summary>Whether there is nothing but white space in the line.</summary>
    public bool IsBlank => !IsTooLong && Bytes.IndexOfAnyExcept(" \t\r"u8) < 0;

    /// <summary>Goes to the next line; false behind the last one.</summary>
    public bool Next()
    {
        Line = source.Line;
        buffer.Clear();
        bool any = false;
        while (source.Peek() is { IsEmpty: false } bytes)
        {
            any = true;
            int end = bytes.IndexOf((byte)'\n');
            buffer.Add(end < 0 ? bytes : bytes[..end]);
            source.Take(end < 0 ? bytes.Length : end + 1);
            if (end >= 0)
            {
                break;
            }
        }

        return any;
    }
}
