using System.Globalization;
using System.Text;

namespace Lapidary.Cli.Terminal;

/// <summary>A text that is being typed and the place of the cursor in it; both move by what a reader takes for one character.</summary>
internal sealed class EditBuffer
{
    private readonly StringBuilder text = new();

    /// <summary>The text.</summary>
    public string Text => text.ToString();

    /// <summary>Where the cursor is, in UTF-16 units from the start.</summary>
    public int Cursor { get; private set; }

    /// <summary>Puts another text in place of this one, the cursor behind it.</summary>
    public void Replace(string other)
    {
        text.Clear().Append(other);
        Cursor = text.Length;
    }

    /// <summary>Inserts at the cursor.</summary>
    public void Insert(string typed)
    {
        text.Insert(Cursor, typed);
        Cursor += typed.Length;
    }

    /// <summary>Deletes the character before the cursor.</summary>
    public void Backspace() => Remove(Before(), Cursor);

    /// <summary>Deletes the character behind the cursor.</summary>
    public void Delete() => Remove(Cursor, Behind());

    /// <summary>One character to the left.</summary>
    public void Left() => Cursor = Before();

    /// <summary>One character to the right.</summary>
    public void Right() => Cursor = Behind();

    /// <summary>To the start of the line.</summary>
    public void Home() => Cursor = LineStart();

    /// <summary>To the end of the line.</summary>
    public void End() => Cursor = LineEnd();

    /// <summary>To the start of the word.</summary>
    public void WordLeft() => Cursor = WordStart();

    /// <summary>Behind the end of the word.</summary>
    public void WordRight()
    {
        while (Cursor < text.Length && char.IsWhiteSpace(text[Cursor]))
        {
            Cursor++;
        }

        while (Cursor < text.Length && !char.IsWhiteSpace(text[Cursor]))
        {
            Cursor++;
        }
    }

    /// <summary>Deletes the word before the cursor.</summary>
    public void DeleteWord() => Remove(WordStart(), Cursor);

    /// <summary>Deletes to the end of the line.</summary>
    public void DeleteToEnd() => Remove(Cursor, LineEnd());

    /// <summary>Deletes from the start of the line.</summary>
    public void DeleteToStart() => Remove(LineStart(), Cursor);

    private void Remove(int from, int to)
    {
        text.Remove(from, to - from);
        Cursor = from;
    }

    private int Before()
    {
        int last = 0;
        for (int i = 0; i < Cursor; i += StringInfo.GetNextTextElementLength(Text.AsSpan(i)))
        {
            last = i;
        }

        return last;
    }

    private int Behind() => Cursor == text.Length ? Cursor : Cursor + StringInfo.GetNextTextElementLength(Text.AsSpan(Cursor));

    private int LineStart() => Cursor == 0 ? 0 : Text.LastIndexOf('\n', Cursor - 1) + 1;

    private int LineEnd()
    {
        int end = Text.IndexOf('\n', Cursor);
        return end < 0 ? text.Length : end;
    }

    private int WordStart()
    {
        int start = Cursor;
        while (start > 0 && char.IsWhiteSpace(text[start - 1]))
        {
            start--;
        }

        while (start > 0 && !char.IsWhiteSpace(text[start - 1]))
        {
            start--;
        }

        return start;
    }
}
