namespace Lapidary.Text.Data;

/// <summary>What is one document in a file of plain text.</summary>
public enum TextUnit
{
    /// <summary>The whole file, as a book or an article has it: its paragraphs are read one after the other.</summary>
    File,

    /// <summary>Each paragraph: blank lines stand between documents that have nothing to do with each other.</summary>
    Paragraph,

    /// <summary>Each line that is not blank.</summary>
    Line,
}
