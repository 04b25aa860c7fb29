namespace Lapidary.Text.Data.Rows;

/// <summary>A row cannot be used. The message is the rest of a sentence that begins with the row.</summary>
internal sealed class UnusableRowException(string reason) : Exception(reason);
