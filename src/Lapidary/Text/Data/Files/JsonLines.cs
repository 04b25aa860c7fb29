namespace Lapidary.Text.Data.Files;

/// <summary>Rows of a file that has a JSON value in each line.</summary>
internal static class JsonLines
{
    /// <summary>The rows, as they are asked for; blank lines are none.</summary>
    public static IEnumerable<RawRow> Read(ByteSource source)
    {
        var lines = new LineReader(source);
        while (lines.Next())
        {
            if (!lines.IsBlank)
            {
                yield return lines.IsTooLong
                    ? new RawRow(lines.Line) { Fault = RowLimit.Fault }
                    : new RawRow(lines.Line) { Json = lines.Bytes.ToArray() };
            }
        }
    }
}
