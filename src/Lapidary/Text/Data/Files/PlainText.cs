using System.Text;
using System.Text.Unicode;

namespace Lapidary.Text.Data.Files;

/// <summary>
/// Documents of a file of plain text. Lines end with one line feed, whatever ended them in the file, and line breaks around a document are
/// not part of it. A long document comes in parts, so that memory is bounded.
/// </summary>
internal sealed class PlainText
{
    /// <summary>A document is cut before a line once it has this many characters.</summary>
    private const int PartLength = 1 << 20;

    private readonly LineReader lines;
    private readonly TextUnit unit;
    private readonly StringBuilder text = new();
    private int firstLine;
    private bool begun;

    private PlainText(ByteSource source, TextUnit unit)
    {
        lines = new LineReader(source);
        this.unit = unit;
    }

    /// <summary>The documents or their parts, as they are asked for.</summary>
    public static IEnumerable<RawRow> Read(ByteSource source, TextUnit unit) => new PlainText(source, unit).Read();

    private IEnumerable<RawRow> Read()
    {
        int blank = 0;
        while (lines.Next())
        {
            if (lines.IsTooLong || !Utf8.IsValid(lines.Bytes))
            {
                yield return new RawRow(lines.Line) { Fault = lines.IsTooLong ? RowLimit.Fault : ValidText.Fault(lines.Bytes) };
                continue;
            }

            if (lines.IsBlank)
            {
                blank++;
                continue;
            }

            bool ends = unit == TextUnit.Line || (unit == TextUnit.Paragraph && blank > 0);
            if (text.Length > 0)
            {
                // Blank lines count only when something follows them.
                text.Append('\n', ends ? 0 : blank + 1);
                if (ends || text.Length >= PartLength)
                {
                    yield return TakePart(ends);
                }
            }

            blank = 0;
            firstLine = text.Length == 0 ? lines.Line : firstLine;
            text.Append(Encoding.UTF8.GetString(lines.Bytes));
        }

        if (text.Length > 0)
        {
            yield return TakePart(ends: true);
        }
    }

    private RawRow TakePart(bool ends)
    {
        var part = new RawRow(firstLine) { Text = text.ToString(), Begins = !begun, Ends = ends };
        begun = !ends;
        text.Clear();
        return part;
    }
}
