namespace Lapidary.Text.Data.Files;

/// <summary>A row as it was cut out of a file: the text of a JSON value, plain text, or why there is neither.</summary>
/// <param name="Line">The line where it begins, of Parquet the row, from 1.</param>
internal readonly record struct RawRow(int Line)
{
    /// <summary>The UTF-8 of a JSON value, not yet checked.</summary>
    public byte[]? Json { get; init; }

    /// <summary>Plain text, a document or a part of one.</summary>
    public string? Text { get; init; }

    /// <summary>Whether the text is the first part of its document.</summary>
    public bool Begins { get; init; }

    /// <summary>Whether the text is the last part of its document.</summary>
    public bool Ends { get; init; }

    /// <summary>Why the row cannot be used, if so.</summary>
    public string? Fault { get; init; }

    /// <summary>What the row takes in memory, about.</summary>
    public int Size => Json?.Length ?? (2 * Text?.Length) ?? 0;
}
