namespace Lapidary.Text.Data.Files;

/// <summary>How the rows stand in a file.</summary>
internal enum DataFormat
{
    /// <summary>A JSON value in each line.</summary>
    JsonLines,

    /// <summary>One JSON array.</summary>
    JsonArray,

    /// <summary>Comma-separated values with a header.</summary>
    Csv,

    /// <summary>Text.</summary>
    PlainText,
}
