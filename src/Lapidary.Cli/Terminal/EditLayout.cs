using System.Globalization;
using System.Text;
using Spectre.Console.Rendering;

namespace Lapidary.Cli.Terminal;

/// <summary>How a text with its prompt lies in the rows of a terminal.</summary>
/// <param name="Output">What is written, from the first column of its first row; lines end with CR LF.</param>
/// <param name="CursorRow">Row of the cursor, counted from the first.</param>
/// <param name="CursorColumn">Column of the cursor.</param>
/// <param name="LastRow">The row in which the output ends.</param>
internal readonly record struct EditLayout(string Output, int CursorRow, int CursorColumn, int LastRow)
{
    /// <summary>Lays the text out.</summary>
    /// <param name="prompt">Stands before the first line.</param>
    /// <param name="continuation">Stands before the others.</param>
    /// <param name="text">The text; its lines end with LF.</param>
    /// <param name="cursor">Where the cursor is in the text.</param>
    /// <param name="width">Columns of the terminal.</param>
    public static EditLayout Of(string prompt, string continuation, string text, int cursor, int width)
    {
        var output = new StringBuilder();
        int row = 0, column = 0, cursorRow = 0, cursorColumn = 0;
        Write(prompt);
        for (int i = 0; i < text.Length;)
        {
            Mark(i);
            int length = StringInfo.GetNextTextElementLength(text.AsSpan(i));
            string element = text.Substring(i, length);
            if (element.Contains('\n', StringComparison.Ordinal))
            {
                Break();
                Write(continuation);
            }
            else
            {
                Write(AnswerOutput.Clean(element).Replace('\t', ' '));
            }

            i += length;
        }

        // A cursor behind a full row stands at the start of the next one.
        if (column >= width)
        {
            Break();
        }

        Mark(text.Length);
        return new EditLayout(output.ToString(), cursorRow, cursorColumn, row);

        void Mark(int position)
        {
            if (position == cursor)
            {
                (cursorRow, cursorColumn) = column >= width ? (row + 1, 0) : (row, column);
            }
        }

        void Write(string shown)
        {
            foreach (Rune rune in shown.EnumerateRunes())
            {
                // Terminals differ in what a sequence of joined runes takes; rune by rune is what most of them do.
                int cells = Math.Max(0, new Segment(rune.ToString()).CellCount());
                if (column + cells > width)
                {
                    Break();
                }

                output.Append(rune);
                column += cells;
            }
        }

        void Break()
        {
            output.Append("\r\n");
            row++;
            column = 0;
        }
    }
}
